import { expect, it } from 'vitest';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import { crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { gateWrites } from './leader-gate.ts';
import { Harness, NAMESPACE, serverManifest } from './operator-harness.ts';

const REFERENCE = { namespace: NAMESPACE, name: 'support' };

it.each<[string, (api: ObjectApi) => Promise<unknown>]>([
  ['create', (api) => api.create(crispMcpServerType, serverManifest('late'))],
  ['replace', (api) => api.replace(crispMcpServerType, serverManifest('support'))],
  ['apply', (api) => api.apply(crispMcpServerType, serverManifest('support'), { fieldManager: 'test' })],
  ['mergePatch', (api) => api.mergePatch(crispMcpServerType, REFERENCE, { spec: { suspend: true } })],
  ['jsonPatch', (api) => api.jsonPatch(crispMcpServerType, REFERENCE, [])],
  ['delete', (api) => api.delete(crispMcpServerType, REFERENCE)],
])('refuses to %s while it does not lead', async (_, write) => {
  const h = new Harness();
  const before = await h.server('support');
  await expect(write(gateWrites(h.api, () => false))).rejects.toMatchObject({ code: 'OPERATOR_NOT_LEADING' });
  expect(await h.getServer('support')).toEqual(before);
  expect(await h.getServer('late')).toBeUndefined();
});

it('lists anew before it leads, so that a watch that lags brings nothing back to life', async () => {
  const h = new Harness();
  await h.credentials();
  await h.account();
  await h.server('support');
  await h.start();
  const token = await h.token('support-mcp');
  const follower = new Harness();
  Object.assign(follower, { api: h.api, clock: h.clock, store: h.store });
  const watch = h.api.watch.bind(h.api);
  // Open, and silent.
  h.api.watch = (type, options) => watch(type, { ...options, labelSelector: 'nobody=has-it' });
  const next = follower.create();
  await next.start();
  await h.patchServer('support', { spec: { suspend: true } });
  await h.advance(1_000);
  expect(await h.route(token)).toBeUndefined();
  h.operator?.halt();
  const seen: unknown[] = [];
  await h.store.start({
    routeChanged: () => seen.push('route'),
    apiTokenChanged: () => undefined,
    accountChanged: () => undefined,
    allChanged: () => undefined,
  });
  await next.lead(9);
  await h.settle();
  expect(await h.route(token)).toBeUndefined();
  expect(seen).toEqual([]);
});

it('writes nothing, to the API or the store, once the lease is lost', async () => {
  const h = new Harness();
  let leads = true;
  await h.credentials();
  await h.account();
  await h.server('support');
  await h.start({ isLeader: () => leads });
  leads = false;
  h.writes = [];
  await h.server('late');
  await h.patchServer('support', { spec: { suspend: true } });
  await h.advance(30_000);
  expect(h.writes).toEqual([]);
});

it('keeps a follower’s caches warm and its hands still', async () => {
  const h = new Harness();
  const follower = h.create();
  await follower.start();
  await h.credentials();
  await h.account();
  await h.server('support');
  await h.settle();
  expect(follower.notReady()).toEqual([]);
  expect(h.writes).toEqual([]);
  await follower.lead(1);
  await h.settle();
  expect((await h.getServer('support'))?.status?.reason).toBe('Serving');
});
