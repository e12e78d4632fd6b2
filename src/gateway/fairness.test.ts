import { expect, test } from 'vitest';
import type { CallOutcome } from '../crisp/outcome.ts';
import { FakeClock } from '../process/clock.ts';
import { readerWithRoute, routeRecord, success, token } from './fakes.ts';
import { type Fixture, type Reply, rpc, startFixture } from './gateway-fixture.ts';

/**
 * That a noisy tenant delays itself and no other, by order alone: the clock stands still, and what the noisy one calls
 * does not end before the others have been answered.
 */
const NOISY = token(1);
const CALL = rpc('tools/call', { name: 'list_crisp_conversations' });
const calls = { running: 6, waiting: 100, runningPerTenant: 4, waitingPerTenant: 8, waitFor: 10_000 };

function post(fixture: Fixture, secret: string, body: unknown): Promise<Reply> {
  const headers = { 'content-type': 'application/json' };
  return fixture.send({ path: `/mcp/${secret}`, headers, body: JSON.stringify(body) });
}

function tenants() {
  const reader = readerWithRoute();
  reader.put(NOISY, routeRecord({ uid: 'noisy' }));
  for (let index = 2; index < 12; index++) reader.put(token(index), routeRecord({ uid: `quiet-${index}` }));
  return reader;
}

test('while a noisy server hangs with all it may run and queue, others list and call', async () => {
  const held: (() => void)[] = [];
  const answer = ({ args }: { args: unknown }): Promise<CallOutcome> | CallOutcome =>
    JSON.stringify(args) === '{"page_number":1}'
      ? new Promise((resolve) => held.push(() => resolve(success('[]'))))
      : success('[]');
  await using fixture = await startFixture({ reader: tenants(), answer, config: { calls }, clock: new FakeClock() });
  const noisyCall = rpc('tools/call', { name: 'list_crisp_conversations', arguments: { page_number: 1 } });
  let answered = 0;
  const noisy = Array.from({ length: 40 }, async () => {
    const reply = await post(fixture, NOISY, noisyCall);
    if (reply.status === 200) answered += 1;
    return reply.status;
  });
  await expect.poll(() => held.length, { timeout: 30_000 }).toBe(4);
  // The noisy one holds its four places. Each of the others is served at once, thirty calls over the two that are left.
  for (let round = 0; round < 3; round++) {
    const quiet = Array.from({ length: 10 }, (_, index) => post(fixture, token(2 + index), CALL));
    for (const reply of await Promise.all(quiet)) expect(reply.status).toBe(200);
    expect((await post(fixture, token(2), rpc('tools/list'))).status).toBe(200);
  }
  expect(answered).toBe(0);
  // Nor is the noisy one let down: what it may queue is served, what goes beyond has been refused.
  const statuses = Promise.all(noisy);
  let done = false;
  void statuses.then(() => {
    done = true;
  });
  await expect
    .poll(
      () => {
        for (const release of held.splice(0)) release();
        return done;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  const count = (status: number) => statuses.then((all) => all.filter((each) => each === status).length);
  expect([await count(200), await count(429)]).toEqual([12, 28]);
});
