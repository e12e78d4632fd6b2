import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { accountRecord, readerWithRoute, routeRecord, TOKEN, tool } from './fakes.ts';
import { type Fixture, modern, startFixture } from './gateway-fixture.ts';
import type { StreamEvent } from './open-stream.ts';

const EXP = Date.parse('2026-06-01T12:00:00Z');
const READ = { methods: ['read'] };

function listen(fixture: Fixture, notifications: unknown = { toolsListChanged: true }) {
  const { body, headers } = modern('subscriptions/listen', { notifications }, 'sub-1');
  return fixture.open({ body, headers });
}

const methodOf = ({ type, data }: StreamEvent): string =>
  type === 'message' ? (JSON.parse(data).method ?? 'result') : type;
const is = (method: string) => (event: StreamEvent) => methodOf(event) === method;
const CHANGED = 'notifications/tools/list_changed';

describe('subscriptions/listen', () => {
  test('is announced, and acknowledged first with what was granted', async () => {
    await using fixture = await startFixture();
    const discover = modern('server/discover');
    const { json } = await fixture.post(discover.body, discover.headers);
    expect(json.result.capabilities).toEqual({ tools: { listChanged: true } });
    const stream = await listen(fixture, { toolsListChanged: true, promptsListChanged: true });
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
      'cache-control': 'no-store',
    });
    const first = await stream.next(() => true);
    expect(JSON.parse(first.data)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { toolsListChanged: true },
        _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub-1' },
      },
    });
    stream.close();
  });

  test('tells of a filter that was edited, once for each edit that matters', async () => {
    await using fixture = await startFixture();
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    fixture.reader.put(TOKEN, routeRecord({ displayName: 'Renamed' }));
    fixture.reader.put(TOKEN, routeRecord({ filter: READ }));
    const changed = await stream.next(is(CHANGED));
    expect(JSON.parse(changed.data).params).toEqual({ _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub-1' } });
    const { body, headers } = modern('tools/list');
    expect((await fixture.post(body, headers)).json.result.tools).toHaveLength(1);
    expect(stream.events.filter(is(CHANGED))).toHaveLength(1);
    stream.close();
  });

  test('tells of tiers that an account gained', async () => {
    const tools = [tool('list_crisp_conversations'), tool('list_crisp_campaigns', { tiers: ['user'] })];
    await using fixture = await startFixture({ tools });
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    const credential = { identifier: 'identifier', key: 'crisp-key-secret' };
    fixture.reader.putAccount(
      accountRecord({
        credentials: [
          { tier: 'plugin', ...credential },
          { tier: 'user', ...credential },
        ],
      }),
    );
    await stream.next(is(CHANGED));
    stream.close();
  });

  test('without a kind that is offered it is complete at once', async () => {
    await using fixture = await startFixture();
    const stream = await listen(fixture, { resourcesListChanged: true });
    await stream.closed;
    expect(stream.events.map(methodOf)).toEqual(['notifications/subscriptions/acknowledged', 'result']);
  });

  test.each([
    ['no notifications', undefined],
    ['a list of them', ['toolsListChanged']],
  ])('%s → 400 and −32602', async (_name, notifications) => {
    await using fixture = await startFixture();
    const { body, headers } = modern('subscriptions/listen', { notifications });
    const reply = await fixture.post(body, headers);
    expect([reply.status, reply.json.error.code]).toEqual([400, -32602]);
  });

  test('earlier versions do not know it', async () => {
    await using fixture = await startFixture();
    const { body } = modern('subscriptions/listen', {});
    const reply = await fixture.post({ ...body, params: {} });
    expect([reply.status, reply.json.error.code]).toEqual([200, -32601]);
  });

  test('ends within a second of a revocation, with a comment that says why and an orderly result', async () => {
    await using fixture = await startFixture();
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    const revoked = performance.now();
    fixture.reader.revoke(TOKEN);
    await stream.closed;
    expect(performance.now() - revoked).toBeLessThan(5_000);
    expect(stream.events.at(-2)).toEqual({ type: 'comment', data: 'this URL has expired or was revoked' });
    expect(JSON.parse(stream.events.at(-1)?.data ?? '')).toMatchObject({
      id: 'sub-1',
      result: { resultType: 'complete' },
    });
  });

  test('ends at the expiry of its token, also when that was moved meanwhile', async () => {
    const clock = new FakeClock(EXP - 60_000);
    await using fixture = await startFixture({ clock, reader: readerWithRoute({ exp: EXP }) });
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    fixture.reader.put(TOKEN, routeRecord({ exp: EXP - 30_000, filter: READ }));
    await stream.next(is(CHANGED));
    clock.advance(29_999);
    expect(stream.events.some(is('result'))).toBe(false);
    clock.advance(1);
    await stream.closed;
    expect(stream.events.some(is('result'))).toBe(true);
  });

  test('outlives an extension of its token', async () => {
    const clock = new FakeClock(EXP - 1_000);
    await using fixture = await startFixture({ clock, reader: readerWithRoute({ exp: EXP }) });
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    fixture.reader.put(TOKEN, routeRecord({ exp: EXP + 60_000, filter: READ }));
    await stream.next(is(CHANGED));
    clock.advance(2_000);
    fixture.reader.put(TOKEN, routeRecord({ exp: EXP + 60_000 }));
    await expect.poll(() => stream.events.filter(is(CHANGED))).toHaveLength(2);
    stream.close();
  });

  test('a revocation that happened while the store was away ends it when the store is back', async () => {
    await using fixture = await startFixture();
    const { reader } = fixture;
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    reader.verified = false;
    reader.routes.clear();
    const asked = reader.fetches;
    reader.listener?.allChanged();
    await expect.poll(() => reader.fetches).toBeGreaterThan(asked + 1);
    expect(stream.events.some(is('result'))).toBe(false);
    reader.verified = true;
    await stream.closed;
    expect(stream.events.some(is('result'))).toBe(true);
  });

  test('is kept alive by comments', async () => {
    const clock = new FakeClock(EXP);
    await using fixture = await startFixture({ clock });
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    clock.advance(15_000);
    await stream.next(is('comment'));
    clock.advance(15_000);
    await expect.poll(() => stream.events.filter(is('comment'))).toHaveLength(2);
    stream.close();
  });

  test('is bounded for each server; a closed one makes room', async () => {
    await using fixture = await startFixture({ config: { streams: { perServer: 2 } } });
    const one = await listen(fixture);
    const other = await listen(fixture);
    await other.next(is('notifications/subscriptions/acknowledged'));
    const refused = await listen(fixture);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    one.close();
    await expect.poll(async () => (await listen(fixture)).status).toBe(200);
  });

  test('ends in order when the gateway drains, at once and with a reason', async () => {
    await using fixture = await startFixture();
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    const began = performance.now();
    await fixture.gateway.drain();
    await stream.closed;
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(stream.events.map(methodOf).slice(-2)).toEqual(['comment', 'result']);
    expect(stream.events.at(-2)?.data).toContain('restarted');
  });

  test('is one line of the access log, written at its end', async () => {
    await using fixture = await startFixture();
    const stream = await listen(fixture);
    await stream.next(is('notifications/subscriptions/acknowledged'));
    stream.close();
    await expect.poll(fixture.logText).toContain('"rpc":"subscriptions/listen"');
    const line = JSON.parse(fixture.logText().trim().split('\n').at(-1) ?? '');
    expect(line).toMatchObject({ status: 200, outcome: 'ok', client: 'fixture/1' });
    expect(line.bytes).toBeGreaterThan(100);
  });
});
