import { expect, it } from 'vitest';
import { namespaceType } from '../kubernetes/core-types.ts';
import { Harness, NAMESPACE } from './operator-harness.ts';

it('lets a namespace end after a minute without the store, says so, and removes the orphans when it is back', async () => {
  const h = new Harness();
  await h.api.create(namespaceType, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await h.credentials();
  await h.account();
  await h.server('support');
  await h.start();
  const token = await h.token('support-mcp');
  h.store.setReachable(false);
  await h.api.delete(namespaceType, { name: NAMESPACE });
  await h.advance(50_000);
  expect(await h.getServer('support')).toBeDefined();
  await h.advance(40_000);
  expect(await h.getServer('support')).toBeUndefined();
  expect(await h.getAccount()).toBeUndefined();
  expect(await h.api.get(namespaceType, { name: NAMESPACE })).toBeUndefined();
  expect(h.events.filter((event) => event.type === 'Warning').map((event) => event.reason)).toEqual(
    expect.arrayContaining(['RouteAbandoned', 'AccountRecordAbandoned']),
  );
  h.store.setReachable(true);
  await h.advance(15_000);
  expect(await h.route(token)).toBeUndefined();
  expect((await h.store.inventory()).accounts.size).toBe(0);
});
