import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { accountRecord, readerWithRoute } from './fakes.ts';
import { modern, rpc, startFixture } from './gateway-fixture.ts';

/** How the limits of a server and its account look from outside. The clock stands still, so nothing refills. */
const CALL = rpc('tools/call', { name: 'list_crisp_conversations' });

test('beyond the limit: HTTP 429 with the delay in the message and in the headers, nothing executed', async () => {
  const reader = readerWithRoute({ rateLimit: { perMinute: 6, burst: 2 } });
  await using fixture = await startFixture({ reader, clock: new FakeClock() });
  for (let call = 0; call < 2; call++) expect((await fixture.post(CALL)).status).toBe(200);
  const reply = await fixture.post(CALL);
  expect(reply.status).toBe(429);
  expect(reply.json).toMatchObject({
    id: 1,
    error: {
      code: 429,
      message:
        'This server allows 6 tool calls a minute (its rateLimit). Not executed. Wait 10 seconds, then retry once.',
      data: { retry_after_seconds: 10, limit: 6, remaining: 0, reset_seconds: 10 },
    },
  });
  expect(reply.headers).toMatchObject({
    'retry-after': '10',
    'ratelimit-limit': '6',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '10',
    'ratelimit-policy': '"default";q=6;w=60',
    ratelimit: '"default";r=0;t=10',
  });
  expect(fixture.caller.calls).toHaveLength(2);
});

test('connecting and listing go on while calls are refused, in both eras', async () => {
  const reader = readerWithRoute({ rateLimit: { perMinute: 1, burst: 1 } });
  await using fixture = await startFixture({ reader, clock: new FakeClock() });
  await fixture.post(CALL);
  expect((await fixture.post(CALL)).status).toBe(429);
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  for (const message of [rpc('initialize', hello), rpc('ping'), rpc('tools/list')]) {
    expect((await fixture.post(message)).status, message.method).toBe(200);
  }
  for (const method of ['server/discover', 'tools/list']) {
    const { body, headers } = modern(method);
    expect((await fixture.post(body, headers)).status, method).toBe(200);
  }
});

test('a loop that only lists ends in a 429 of its own', async () => {
  const reader = readerWithRoute({ rateLimit: { perMinute: 1, burst: 1 } });
  await using fixture = await startFixture({ reader, clock: new FakeClock() });
  for (let count = 0; count < 100; count++) await fixture.post(rpc('ping'));
  const reply = await fixture.post(rpc('tools/list'));
  expect(reply.status).toBe(429);
  expect(reply.json.error.message).toContain('600 requests that call no tool a minute');
  expect((await fixture.post(CALL)).status).toBe(200);
});

test('the limit of the account says that it is the account', async () => {
  const reader = readerWithRoute();
  reader.putAccount(accountRecord({ rateLimit: { perMinute: 60, burst: 1 } }));
  await using fixture = await startFixture({ reader, clock: new FakeClock() });
  await fixture.post(CALL);
  const reply = await fixture.post(CALL);
  expect(reply.status).toBe(429);
  expect(reply.json.error.message).toMatch(/^The Crisp account of this server allows 60 tool calls a minute/);
});

test('calls in a batch are counted one by one', async () => {
  const reader = readerWithRoute({ rateLimit: { perMinute: 6, burst: 2 } });
  await using fixture = await startFixture({ reader, clock: new FakeClock() });
  const { json } = await fixture.post([1, 2, 3].map((id) => ({ ...CALL, id })));
  expect(json.map((part: { error?: { code: number } }) => part.error?.code)).toEqual([undefined, undefined, 429]);
});
