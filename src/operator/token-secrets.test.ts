import { describe, expect, it } from 'vitest';
import { secretType } from '../kubernetes/core-types.ts';
import { EmbeddedObjectApi } from '../kubernetes/embedded/embedded-object-api.ts';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import type { ObjectCache, ObjectChange } from '../kubernetes/object-cache.ts';
import { FakeClock } from '../process/clock.ts';
import { seededRandom } from '../process/random.ts';
import { type KubernetesObject, keyOf } from '../resources/object.ts';
import { hashToken } from '../routes/token.ts';
import { gateWrites } from './leader-gate.ts';
import { SERVER_KIND } from './server/server-kind.ts';
import { newTokenSecret, readTokenSecret } from './token-owner/token-secret.ts';
import { TokenSecrets } from './token-secrets.ts';

/** What the watch has shown so far, moved by hand. */
class Watched implements ObjectCache<KubernetesObject> {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #handlers: ((change: ObjectChange<KubernetesObject>) => void)[] = [];
  readonly synced = true;
  get size() {
    return this.#objects.size;
  }
  get = (key: string) => this.#objects.get(key);
  list = () => this.#objects.values();
  onChange(handler: (change: ObjectChange<KubernetesObject>) => void) {
    this.#handlers.push(handler);
    return () => undefined;
  }
  show(object: KubernetesObject) {
    this.#objects.set(keyOf(object), object);
  }
  showRemoved(object: KubernetesObject) {
    this.#objects.delete(keyOf(object));
    for (const handler of this.#handlers) handler({ kind: 'removed', key: keyOf(object), before: object });
  }
}

const KEY = 'default/support-mcp';
const REPLACED = 'B'.repeat(43);
const HOW = { confirmAbsence: false };

async function setUp() {
  const clock = new FakeClock();
  const api = new EmbeddedObjectApi({ clock, random: seededRandom(1) });
  const watched = new Watched();
  let reads = 0;
  let meanwhile = async () => {};
  const counting: ObjectApi = {
    ...gateWrites(api, () => true),
    get: async (type, reference) => {
      reads += 1;
      const answer = await api.get(type, reference);
      await meanwhile();
      meanwhile = async () => {};
      return answer;
    },
    list: async (type, options) => {
      const answer = await api.list(type, options);
      await meanwhile();
      return answer;
    },
  };
  const secrets = new TokenSecrets({ api: counting, watched, clock });
  const created = await api.create(
    secretType,
    newTokenSecret(SERVER_KIND.secret, {
      namespace: 'default',
      name: 'support-mcp',
      ownerName: 'support',
      token: 'A'.repeat(43),
      content: { expiresAt: 'never' },
    }),
  );
  const replaceToken = () =>
    api.mergePatch(
      secretType,
      { namespace: 'default', name: 'support-mcp' },
      { data: { token: Buffer.from(REPLACED).toString('base64') } },
    );
  /** What happens between the moment that an answer tells of and its arrival. */
  const beforeAnswer = (happens: () => Promise<void>) => {
    meanwhile = happens;
  };
  return { clock, api, watched, secrets, created, replaceToken, beforeAnswer, reads: () => reads };
}

describe('what is known of a token Secret', () => {
  it('is read once for each version that the watch shows', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    expect(t.secrets.peek(KEY)).toBe('unknown');
    await t.secrets.find(KEY, HOW);
    expect((await t.secrets.find(KEY, HOW))?.uid).toBe(t.created.metadata.uid);
    expect(t.reads()).toBe(1);
  });

  it('is the answer of a write while the watch lags behind it', async () => {
    const t = await setUp();
    t.secrets.wrote(t.created);
    expect((await t.secrets.find(KEY, HOW))?.uid).toBe(t.created.metadata.uid);
    expect(t.reads()).toBe(0);
  });

  it('is not believed for ever against a watch that lost its events', async () => {
    const t = await setUp();
    t.secrets.wrote(t.created);
    await t.api.delete(secretType, { namespace: 'default', name: 'support-mcp' });
    t.clock.advance(31_000);
    expect(await t.secrets.find(KEY, { confirmAbsence: true })).toBeUndefined();
  });

  it('is nothing once it is deleted, though the watch still shows it', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    const facts = await t.secrets.find(KEY, HOW);
    t.secrets.deleted('default', facts ?? readTokenSecret(t.created));
    expect(await t.secrets.find(KEY, HOW)).toBeUndefined();
    t.watched.showRemoved(t.created);
    expect(await t.secrets.find(KEY, HOW)).toBeUndefined();
    expect(t.reads()).toBe(1);
    expect(t.secrets.size).toBe(0);
  });

  it('is not the answer of a write that the watch has overtaken', async () => {
    const t = await setUp();
    t.watched.show(await t.replaceToken());
    t.secrets.wrote(t.created);
    expect(t.secrets.peek(KEY)).toBe('unknown');
  });

  it('is not the answer of a read that the watch has overtaken', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    t.beforeAnswer(async () => t.watched.show(await t.replaceToken()));
    await t.secrets.reread(KEY);
    expect(t.secrets.peek(KEY)).toBe('unknown');
    expect((await t.secrets.find(KEY, HOW))?.token).toEqual({ kind: 'valid', hash: hashToken(REPLACED) });
  });

  it('is not the answer of a read that a write has overtaken', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    t.beforeAnswer(async () => t.secrets.deleted('default', readTokenSecret(t.created)));
    await t.secrets.reread(KEY);
    expect(t.secrets.peek(KEY)).toBeUndefined();
  });

  it('is not the answer of a creation that came when the watch had shown the Secret and its end', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    t.watched.showRemoved(t.created);
    t.secrets.wrote(t.created);
    expect(t.secrets.peek(KEY)).toBeUndefined();
  });

  it('is not the answer of a read that came when the watch had shown the Secret and its end', async () => {
    const t = await setUp();
    t.beforeAnswer(async () => {
      t.watched.show(t.created);
      t.watched.showRemoved(t.created);
    });
    await t.secrets.reread(KEY);
    expect(t.secrets.peek(KEY)).toBeUndefined();
  });

  it.each(['changed', 'removed'])('is not a page that is older than the watch, which shows it %s', async (how) => {
    const t = await setUp();
    t.watched.show(t.created);
    t.beforeAnswer(async () => {
      if (how === 'changed') t.watched.show(await t.replaceToken());
      else t.watched.showRemoved(t.created);
    });
    await t.secrets.prime(['default']);
    expect(t.secrets.peek(KEY)).toBe(how === 'changed' ? 'unknown' : undefined);
  });

  it('comes in pages for all at once', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    await t.secrets.prime(['default']);
    expect(t.secrets.peek(KEY)).toMatchObject({ uid: t.created.metadata.uid });
    expect(t.reads()).toBe(0);
  });
});
