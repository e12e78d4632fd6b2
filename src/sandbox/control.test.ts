import { expect, test } from 'vitest';
import { sandboxBench } from './testing.ts';

const SECRET = 'steer-me';

const control = async (url: string, method: string, path: string, body?: unknown, secret = SECRET) => {
  const response = await fetch(`${url}/_sandbox/${path}`, {
    method,
    headers: { 'x-sandbox-secret': secret },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
};

test('there is no control path without a control secret', async () => {
  await using bench = await sandboxBench();
  expect(await control(bench.sandbox.url, 'GET', 'state')).toMatchObject({
    status: 401,
    answer: { reason: 'invalid_session' },
  });
});

test('a wrong secret steers nothing', async () => {
  await using bench = await sandboxBench({ controlSecret: SECRET });
  expect(await control(bench.sandbox.url, 'POST', 'faults', { kind: 'reset' }, 'guess')).toMatchObject({ status: 401 });
  expect(bench.sandbox.faults.list()).toEqual([]);
});

test('faults are added, listed and cleared from outside', async () => {
  await using bench = await sandboxBench({ controlSecret: SECRET });
  const { url } = bench.sandbox;
  expect(await control(url, 'POST', 'faults', { kind: 'rate_limited', times: 1 })).toEqual({
    status: 200,
    answer: { id: 1 },
  });
  expect(await bench.as('website')('GET', '/conversations/1')).toMatchObject({ status: 429 });
  expect(await bench.as('website')('GET', '/conversations/1')).toMatchObject({ status: 206 });
  expect(await control(url, 'POST', 'faults', { kind: 'mischief' })).toMatchObject({ status: 400 });
  await control(url, 'POST', 'faults', { kind: 'reset' });
  await control(url, 'DELETE', 'faults');
  expect(bench.sandbox.faults.list()).toEqual([]);
});

test("state, notes, deliveries and requests can be read; operators' keys cannot", async () => {
  await using bench = await sandboxBench({ controlSecret: SECRET });
  const { url, state } = bench.sandbox;
  const session = [...state.main.conversations.keys()][0];
  const note = { type: 'note', from: 'operator', origin: 'chat', content: 'seen from outside' };
  await bench.as('website')('POST', `/conversation/${session}/message`, note);
  expect((await control(url, 'GET', 'notes')).answer).toMatchObject([
    { session_id: session, content: 'seen from outside' },
  ]);
  expect((await control(url, 'GET', 'deliveries')).answer).toEqual([]);
  expect((await control(url, 'GET', 'requests')).answer).toMatchObject([
    { operation: 'website.sendMessageInConversation' },
  ]);
  const dump = JSON.stringify((await control(url, 'GET', 'state')).answer);
  expect(dump).toContain('V1 Dashboard');
  for (const operator of state.main.operators.values()) expect(dump).not.toContain(operator.key);
});
