import { describe, expect, it } from 'vitest';
import { secretType } from '../kubernetes/core-types.ts';
import { EmbeddedObjectApi } from '../kubernetes/embedded/embedded-object-api.ts';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import type { ObjectCache, ObjectChange } from '../kubernetes/object-cache.ts';
import { FakeClock } from '../process/clock.ts';
import { seededRandom } from '../process/random.ts';
import { type KubernetesObject, keyOf } from '../resources/object.ts';
import { gateWrites } from './leader-gate.ts';
import { newTokenSecret } from './server/token-secret.ts';
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
const HOW = { confirmAbsence: false };

async function setUp() {
  const clock = new FakeClock();
  const api = new EmbeddedObjectApi({ clock, random: seededRandom(1) });
  const watched = new Watched();
  let reads = 0;
  const counting: ObjectApi = {
    ...gateWrites(api, () => true),
    get: (type, reference) => {
      reads += 1;
      return api.get(type, reference);
    },
  };
  const secrets = new TokenSecrets({ api: counting, watched, clock });
  const created = await api.create(
    secretType,
    newTokenSecret({
      namespace: 'default',
      name: 'support-mcp',
      serverName: 'support',
      token: 'A'.repeat(43),
      content: { endpoint: 'https://x/mcp', configName: 'support', expiresAt: 'never' },
    }),
  );
  return { clock, api, watched, secrets, created, reads: () => reads };
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
    await t.secrets.find(KEY, HOW);
    t.secrets.deleted('default', 'support-mcp');
    expect(await t.secrets.find(KEY, HOW)).toBeUndefined();
    t.watched.showRemoved(t.created);
    expect(await t.secrets.find(KEY, HOW)).toBeUndefined();
    expect(t.reads()).toBe(1);
  });

  it('comes in pages for all at once', async () => {
    const t = await setUp();
    t.watched.show(t.created);
    await t.secrets.prime(['default']);
    expect(t.secrets.peek(KEY)).toMatchObject({ uid: t.created.metadata.uid });
    expect(t.reads()).toBe(0);
  });
});
