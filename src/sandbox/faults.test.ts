import { expect, test } from 'vitest';
import {
  credentialsRevoked,
  helpdeskNotInPlan,
  pluginNotSubscribed,
  quotaExhausted,
  tooManyMessages,
} from './fault-presets.ts';
import { type Fault, Faults } from './faults.ts';
import { authorization, type Bench, sandboxBench } from './testing.ts';

const fetchList = (bench: Bench, signal?: AbortSignal) =>
  fetch(`${bench.sandbox.url}/v1/website/${bench.sandbox.websiteId}/conversations/1`, {
    headers: authorization(bench.sandbox, 'website'),
    ...(signal === undefined ? {} : { signal }),
  });

test.each<[string, Fault, number, RegExp, Record<string, string | null>]>([
  ['429 without Retry-After', { kind: 'rate_limited' }, 429, /^\{"error":true/, { 'retry-after': null }],
  [
    '420 with Retry-After, limits and HTML',
    { kind: 'rate_limited', status: 420, retryAfter: 7, limits: { limit: 10, remaining: 0, reset: 60 }, body: 'html' },
    420,
    /Enhance Your Calm/,
    { 'retry-after': '7', 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '0', 'content-type': 'text/html' },
  ],
  ['503 as HTML', { kind: 'server_error', status: 503 }, 503, /^<html>/, { 'content-type': 'text/html' }],
  ['an exhausted quota', quotaExhausted(), 429, /quota_limit_exceeded/, {}],
  ['revoked credentials', credentialsRevoked(), 401, /invalid_session/, {}],
  ['truncated JSON', { kind: 'truncated' }, 206, /^\{"error":false,.*[^}]$/s, {}],
])('%s', async (_name, fault, status, body, headers) => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add({ ...fault, times: 1 });
  const response = await fetchList(bench);
  expect(response.status).toBe(status);
  for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
  expect(await response.text()).toMatch(body);
  expect((await fetchList(bench)).status).toBe(206);
});

test('a fault hits only what it names', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add(helpdeskNotInPlan());
  bench.sandbox.faults.add(pluginNotSubscribed());
  expect(await bench.as('website')('GET', '/helpdesk/locales/1')).toMatchObject({ status: 402 });
  expect(await bench.as('plugin')('GET', '/conversations/1')).toMatchObject({ status: 404, reason: 'not_subscribed' });
  expect(await bench.as('website')('GET', '/conversations/1')).toMatchObject({ status: 206 });
  bench.sandbox.faults.clear();
  expect(await bench.as('website')('GET', '/helpdesk/locales/1')).toMatchObject({ status: 206 });
});

test('a refused send stores nothing', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add(tooManyMessages());
  const session = [...bench.sandbox.state.main.conversations.keys()][0];
  const note = { type: 'note', from: 'operator', origin: 'chat', content: 'x' };
  const answer = await bench.as('website')('POST', `/conversation/${session}/message`, note);
  expect(answer).toMatchObject({ status: 409, reason: 'too_many_messages' });
  expect(bench.sandbox.state.notesWritten()).toEqual([]);
});

test('a reset drops the connection', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add({ kind: 'reset', times: 1 });
  await expect(fetchList(bench)).rejects.toThrow('fetch failed');
  expect(bench.sandbox.requests.at(-1)).toMatchObject({ status: 0 });
});

test('a cut breaks off in the middle of the body', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add({ kind: 'cut', times: 1 });
  const response = await fetchList(bench);
  await expect(response.text()).rejects.toThrow('terminated');
});

test('a slow answer waits for the clock, and is not executed for a caller who left', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add({ kind: 'slow', milliseconds: 5_000 });
  const patient = fetchList(bench);
  await until(() => bench.clock.nextTimer() !== undefined);
  bench.clock.advance(5_000);
  expect((await patient).status).toBe(206);

  const controller = new AbortController();
  const hasty = fetchList(bench, controller.signal);
  await until(() => bench.clock.nextTimer() !== undefined);
  controller.abort();
  await expect(hasty).rejects.toThrow('aborted');
  await until(() => bench.sandbox.requests.at(-1)?.status === 0);
});

test('a slow body sends its second half later', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.faults.add({ kind: 'slow_body', milliseconds: 5_000 });
  const response = await fetchList(bench);
  const body = response.json();
  await until(() => bench.clock.nextTimer() !== undefined);
  bench.clock.advance(5_000);
  expect(await body).toMatchObject({ reason: 'listed' });
});

test('the newest fault counts, and there is a bound', () => {
  const faults = new Faults();
  const subject = { operation: undefined, method: 'GET', path: '/v1/x', tier: undefined };
  faults.add({ kind: 'truncated', path: '/v1/*' });
  const id = faults.add({ kind: 'reset', method: 'GET' });
  expect(faults.take(subject)).toMatchObject({ kind: 'reset' });
  expect(faults.remove(id)).toBe(true);
  expect(faults.take(subject)).toMatchObject({ kind: 'truncated' });
  expect(faults.take({ ...subject, path: '/v2/x' })).toBeUndefined();
  for (let count = 1; count < 100; count++) faults.add({ kind: 'reset' });
  expect(() => faults.add({ kind: 'reset' })).toThrow('at most 100 faults');
});

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error('the condition did not come true within two seconds');
}
