import { expect, it } from 'vitest';
import { Harness } from './operator-harness.ts';

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
