import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { readerWithRoute, routeRecord, success, TOKEN, token } from './fakes.ts';
import { type Fixture, rpc, startFixture } from './gateway-fixture.ts';
import type { StreamEvent } from './open-stream.ts';

const SSE = { accept: 'text/event-stream' };
const config = { legacySse: true };
const EXP = Date.parse('2026-06-01T12:00:00Z');
const isMessage = ({ type }: StreamEvent) => type === 'message';

async function openSession(fixture: Fixture, path = `/mcp/${TOKEN}`) {
  const stream = await fixture.open({ method: 'GET', path, headers: SSE });
  expect(stream.status).toBe(200);
  const { data: endpoint } = await stream.next(({ type }) => type === 'endpoint');
  const post = (body: unknown) =>
    fixture.send({ path: endpoint, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { stream, endpoint, post };
}

describe('HTTP+SSE of 2024', () => {
  test.each([
    ['on the same URL', `/mcp/${TOKEN}`],
    ['with a slash after it', `/mcp/${TOKEN}/`],
    ['on /sse', `/mcp/${TOKEN}/sse`],
  ])('%s a message is accepted and answered on the stream', async (_where, path) => {
    await using fixture = await startFixture({ config, answer: () => success('"hello"') });
    const { stream, post } = await openSession(fixture, path);
    const accepted = await post(rpc('tools/call', { name: 'list_crisp_conversations' }, 'c-1'));
    expect([accepted.status, accepted.text]).toEqual([202, '']);
    const { data } = await stream.next(isMessage);
    expect(JSON.parse(data)).toMatchObject({ id: 'c-1', result: { content: [{ text: '"hello"' }] } });
    stream.close();
  });

  test.each([
    ['off unless configured', {}, SSE, 405],
    ['not for clients that accept JSON too', config, { accept: 'application/json, text/event-stream' }, 405],
    ['not for clients of a later version', config, { ...SSE, 'mcp-protocol-version': '2025-11-25' }, 405],
    ['not for clients with a session', config, { ...SSE, 'mcp-session-id': 'x' }, 405],
  ])('is %s', async (_what, chosen, headers, status) => {
    await using fixture = await startFixture({ config: chosen });
    const reply = await fixture.send({ method: 'GET', headers });
    expect([reply.status, reply.headers.allow]).toEqual([
      status,
      chosen === config ? 'GET, POST, OPTIONS' : 'POST, OPTIONS',
    ]);
  });

  test('a dead URL is 404 here as everywhere, and so are its paths when the transport is off', async () => {
    await using on = await startFixture({ config });
    await using off = await startFixture();
    const dead = await on.send({ method: 'GET', path: `/mcp/${token(7)}/sse`, headers: SSE });
    const absent = await off.send({ method: 'GET', path: `/mcp/${TOKEN}/sse`, headers: SSE });
    expect([dead.status, absent.status, dead.text]).toEqual([404, 404, absent.text]);
  });

  test('a session answers its own token only, and ends with its stream', async () => {
    const reader = readerWithRoute();
    reader.put(token(1), routeRecord({ uid: 'other' }));
    await using fixture = await startFixture({ config, reader });
    const { stream, endpoint, post } = await openSession(fixture);
    const stolen = await fixture.send({
      path: endpoint.replace(TOKEN, token(1)),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rpc('ping')),
    });
    expect(stolen.status).toBe(404);
    stream.close();
    await expect.poll(async () => (await post(rpc('ping'))).status).toBe(404);
  });

  test.each([
    ['no JSON', 'nonsense', -32700],
    ['an unknown method', JSON.stringify(rpc('nonsense')), -32601],
  ])('%s is an error on the stream', async (_what, body, code) => {
    await using fixture = await startFixture({ config });
    const { stream, endpoint } = await openSession(fixture);
    await fixture.send({ path: endpoint, headers: { 'content-type': 'application/json' }, body });
    expect(JSON.parse((await stream.next(isMessage)).data).error.code).toBe(code);
    stream.close();
  });

  test('the stream ends at the expiry of the token and within a second of a revocation', async () => {
    const clock = new FakeClock(EXP - 60_000);
    await using fixture = await startFixture({ config, clock, reader: readerWithRoute({ exp: EXP }) });
    const expiring = await openSession(fixture);
    clock.advance(60_000);
    await expiring.stream.closed;
    expect(expiring.stream.events.at(-1)).toEqual({ type: 'comment', data: 'this URL has expired or was revoked' });

    fixture.reader.put(TOKEN, routeRecord());
    const revoked = await openSession(fixture);
    const began = performance.now();
    fixture.reader.revoke(TOKEN);
    await revoked.stream.closed;
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('sessions are bounded for each server', async () => {
    await using fixture = await startFixture({ config: { ...config, streams: { perServer: 1 } } });
    const { stream } = await openSession(fixture);
    expect((await fixture.send({ method: 'GET', headers: SSE })).status).toBe(429);
    stream.close();
  });

  test('a client that leaves aborts what it had asked for', async () => {
    const aborted = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await using fixture = await startFixture({
      config,
      answer: ({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve());
        begun.resolve();
        return new Promise(() => undefined);
      },
    });
    const { stream, post } = await openSession(fixture);
    await post(rpc('tools/call', { name: 'list_crisp_conversations' }));
    await begun.promise;
    stream.close();
    await aborted.promise;
  });

  test('the token is in no line of the log', async () => {
    await using fixture = await startFixture({ config });
    const { stream, post } = await openSession(fixture, `/mcp/${TOKEN}/sse`);
    await post(rpc('ping'));
    stream.close();
    await expect.poll(fixture.logText).toContain('"rpc":"sse"');
    expect(fixture.logText()).not.toContain(TOKEN);
  });
});
