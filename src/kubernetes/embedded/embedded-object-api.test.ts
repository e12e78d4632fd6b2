import { expect, test } from 'vitest';
import { FakeClock } from '../../process/clock.ts';
import { seededRandom } from '../../process/random.ts';
import { TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { type Secret, secretType } from '../core-types.ts';
import type { WatchEvent } from '../object-api.ts';
import { EmbeddedObjectApi } from './embedded-object-api.ts';

/** What is the embedded API's own; what both have in common is in `test/conformance/`. */
function open(options: { historyLimit?: number } = {}) {
  const clock = new FakeClock('2026-01-01T00:00:00.750Z');
  return { clock, api: new EmbeddedObjectApi({ clock, random: seededRandom(1), ...options }) };
}

function secret(name: string, parts: Partial<Secret> = {}): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, ...parts };
}

async function collect<T>(events: AsyncIterable<WatchEvent<T>>, into: WatchEvent<T>[]): Promise<void> {
  for await (const event of events) into.push(event);
}

test('the same calls give the same objects', async () => {
  const run = async () => {
    const { api, clock } = open();
    const created = await api.create(secretType, secret('a', { stringData: { token: 't' } }));
    clock.advance(1000);
    return [created, await api.mergePatch(secretType, created.metadata, { metadata: { labels: { a: 'b' } } })];
  };
  expect(await run()).toEqual(await run());
});

test('times come from the clock, cut to whole seconds', async () => {
  const { api } = open();
  const created = await api.create(secretType, secret('a'));
  expect(created.metadata.creationTimestamp).toBe('2026-01-01T00:00:00Z');
});

test('neither what is given nor what is got can change what is stored', async () => {
  const { api } = open();
  const given = secret('a', { data: { x: 'MQ==' } });
  const created = await api.create(secretType, given);
  given.data = {};
  expect(() => {
    created.metadata.name = 'b';
  }).toThrow(TypeError);
  expect((await api.get(secretType, created.metadata))?.data).toEqual({ x: 'MQ==' });
});

test('namespaces exist without being created', async () => {
  const { api } = open();
  await expect(api.create(secretType, secret('a'))).resolves.toMatchObject({ metadata: { namespace: 'default' } });
});

test('a snapshot brings objects back with their identities into another API, and overwrites nothing', async () => {
  const { api } = open();
  const saved = await api.create(secretType, secret('a', { type: TOKEN_SECRET_TYPE, data: { token: 'dA==' } }));
  await api.create(secretType, secret('b'));
  const snapshot = JSON.parse(JSON.stringify(api.snapshot([secretType])));
  const { api: other } = open();
  const present = await other.create(secretType, secret('b', { data: { newer: 'MQ==' } }));
  other.restore(snapshot);
  const restored = await other.get(secretType, saved.metadata);
  expect(restored?.metadata).toMatchObject({ uid: saved.metadata.uid, creationTimestamp: '2026-01-01T00:00:00Z' });
  expect(restored?.data).toEqual(saved.data);
  expect(await other.get(secretType, present.metadata)).toEqual(present);
});

test('a watch that the bounded history has overtaken ends with Expired', async () => {
  const { api } = open({ historyLimit: 2 });
  const { resourceVersion } = await api.list(secretType);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await api.create(secretType, secret(name));
  const events = api.watch(secretType, { resourceVersion, timeoutSeconds: 60 });
  await expect(collect(events, [])).rejects.toMatchObject({ reason: 'Expired', status: 410 });
});

test('a watch that waits is told of a compaction only when it missed something', async () => {
  const { api, clock } = open();
  const { resourceVersion } = await api.list(secretType);
  const seen: WatchEvent<Secret>[] = [];
  const watching = collect(api.watch(secretType, { resourceVersion, timeoutSeconds: 10 }), seen);
  await api.create(secretType, secret('a'));
  await clock.advanceAsync(1);
  api.compact();
  await api.create(secretType, secret('b'));
  await clock.advanceAsync(10_000);
  await watching;
  expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'ADDED']);
  const late = api.watch(secretType, { resourceVersion, timeoutSeconds: 10 });
  await expect(collect(late, [])).rejects.toMatchObject({ reason: 'Expired' });
});

test('a quiet watch gets a bookmark each minute, with a version to resume from, and leaves no timer behind', async () => {
  const { api, clock } = open();
  const { resourceVersion } = await api.list(secretType);
  const seen: WatchEvent<Secret>[] = [];
  const watching = collect(api.watch(secretType, { resourceVersion, timeoutSeconds: 130 }), seen);
  await clock.advanceAsync(130_000);
  await watching;
  expect(seen).toEqual([
    { type: 'BOOKMARK', resourceVersion },
    { type: 'BOOKMARK', resourceVersion },
  ]);
  expect(clock.nextTimer()).toBeUndefined();
});

test('lists that nobody finishes are given up, oldest first', async () => {
  const { api } = open();
  for (const name of ['a', 'b']) await api.create(secretType, secret(name));
  const first = await api.list(secretType, { limit: 1 });
  for (let i = 0; i < 64; i += 1) await api.list(secretType, { limit: 1 });
  const rest = api.list(secretType, { limit: 1, continue: first.continue ?? '' });
  await expect(rest).rejects.toMatchObject({ reason: 'Expired', status: 410 });
});

test('ten thousand objects are written, listed and watched within seconds', async () => {
  const { api } = open({ historyLimit: 20_000 });
  const { resourceVersion } = await api.list(secretType);
  for (let i = 0; i < 10_000; i += 1) await api.create(secretType, secret(`s-${i}`, { data: { token: 'dA==' } }));
  expect((await api.list(secretType)).items).toHaveLength(10_000);
  let seen = 0;
  for await (const event of api.watch(secretType, { resourceVersion, timeoutSeconds: 60 })) {
    if (event.type === 'ADDED') seen += 1;
    if (seen === 10_000) break;
  }
  expect(seen).toBe(10_000);
});
