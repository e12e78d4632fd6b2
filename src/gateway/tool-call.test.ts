import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { CallOutcome, CallSignal } from '../crisp/outcome.ts';
import { FakeClock } from '../process/clock.ts';
import { accountRecord, type FakeReader, readerWithRoute, routeRecord, success, TOKEN, tool } from './fakes.ts';
import { modern, rpc, startFixture } from './gateway-fixture.ts';

const CALL = rpc('tools/call', { name: 'list_crisp_conversations' });
const WRITE = rpc('tools/call', { name: 'send_crisp_message', arguments: { a: 1 } });
const EXP = Date.parse('2026-06-01T12:00:00Z');

/** An upstream that answers only when told, and says whether it was told to stop. */
function pendingUpstream() {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<CallOutcome>();
  return {
    begun: begun.promise,
    aborted: aborted.promise,
    finish: outcome.resolve,
    answer: ({ signal }: { signal: CallSignal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      begun.resolve();
      return outcome.promise;
    },
  };
}

describe('tools/call', () => {
  test('forwards arguments, website and credentials, and the text byte for byte', async () => {
    const text = '{"data":[{"text":"Gr\u00fc\u00dfe \\"quoted\\" \\n \u{1f600}","n":1.0}]}';
    await using fixture = await startFixture({ answer: () => success(text) });
    const { json } = await fixture.post(WRITE);
    expect(json).toEqual({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } });
    expect(fixture.caller.calls[0]).toMatchObject({ tool: 'send_crisp_message', args: { a: 1 } });
    expect(fixture.caller.calls[0]?.access.credentials.get('plugin')?.key).toBe('crisp-key-secret');
  });

  test('a result that arrives after the end of the token is not handed out, although the store is silent', async () => {
    const clock = new FakeClock(EXP - 1_000);
    const reader = readerWithRoute({ exp: EXP });
    const answer = () => {
      reader.stale = 60_000;
      // The wall clock alone, so that no timer has cut the call.
      clock.step(1_000);
      return success('["secret"]');
    };
    await using fixture = await startFixture({ clock, reader, answer });
    const reply = await fixture.post(CALL);
    expect([reply.status, reply.text.includes('secret')]).toEqual([404, false]);
  });

  test('a note stands in front, apart from the data', async () => {
    const answer = (): CallOutcome => ({
      kind: 'success',
      text: Buffer.from('[]'),
      note: 'Page 1.',
      upstreamStatus: 200,
    });
    await using fixture = await startFixture({ answer });
    const { content } = (await fixture.post(CALL)).json.result;
    expect(content.map((part: { text: string }) => part.text)).toEqual(['Page 1.', '[]']);
  });

  test.each([
    ['a filtered tool', 'send_crisp_message', /"send_crisp_message" is not enabled on this server/],
    ['a tool that is not', 'frobnicate', /"frobnicate" is not enabled on this server: there is no tool/],
    ['no name', undefined, /must be the name of a tool/],
  ])('%s is refused with a sentence and never called', async (_name, name, message) => {
    await using fixture = await startFixture({ reader: readerWithRoute({ filter: { methods: ['read'] } }) });
    const reply = await fixture.post(rpc('tools/call', { name }));
    expect([reply.status, reply.json.error.code]).toEqual([200, -32602]);
    expect(reply.json.error.message).toMatch(message);
    expect(fixture.caller.calls).toEqual([]);
    const listed = await fixture.post(rpc('tools/list'));
    expect(listed.json.result.tools.map(({ name: other }: { name: string }) => other)).toEqual([
      'list_crisp_conversations',
    ]);
  });

  test('a tool that no credential of the account may call is not listed, and a call is told which one would', async () => {
    const tools = [tool('list_crisp_websites', { tiers: ['user'] })];
    await using fixture = await startFixture({ tools });
    expect((await fixture.post(rpc('tools/list'))).json.result.tools).toEqual([]);
    const { result } = (await fixture.post(rpc('tools/call', { name: 'list_crisp_websites' }))).json;
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('of the tier user') }] });
    expect(fixture.caller.calls).toEqual([]);
  });

  test.each(['legacy', 'modern'])('a rate limit reaches model, program and HTTP client (%s)', async (era) => {
    const answer = (): CallOutcome => ({
      kind: 'failure',
      code: 'rate_limited',
      message: 'Crisp rate limit reached. Wait 30 seconds, then retry once.',
      upstreamStatus: 429,
      retryAfterSeconds: 30,
      limits: { limit: 100, remaining: 0, resetSeconds: 30 },
    });
    await using fixture = await startFixture({ answer });
    const { body, headers } =
      era === 'modern' ? modern('tools/call', { name: 'list_crisp_conversations' }) : { body: CALL, headers: {} };
    const reply = await fixture.post(body, headers);
    expect(reply.status).toBe(200);
    expect(reply.json.result).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: expect.stringContaining('Wait 30 seconds') }],
      structuredContent: {
        error: {
          type: 'rate_limited',
          status: 429,
          retry_after_seconds: 30,
          limit: 100,
          remaining: 0,
          reset_seconds: 30,
        },
      },
      _meta: { 'crispmcp.io/ratelimit': { limit: 100, remaining: 0, reset: 30 } },
    });
    expect(reply.headers).toMatchObject({
      'ratelimit-limit': '100',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '30',
      'ratelimit-policy': '"default";q=100',
      ratelimit: '"default";r=0;t=30',
      'retry-after': '30',
    });
  });

  test('a success passes on what the upstream said of its limits', async () => {
    const answer = (): CallOutcome => ({
      ...success('[]'),
      kind: 'success',
      text: Buffer.from('[]'),
      upstreamStatus: 200,
      limits: { remaining: 7 },
    });
    await using fixture = await startFixture({ answer });
    const reply = await fixture.post(CALL);
    expect(reply.json.result._meta).toEqual({ 'crispmcp.io/ratelimit': { remaining: 7 } });
    expect(reply.headers['ratelimit-remaining']).toBe('7');
    expect(reply.headers['retry-after']).toBeUndefined();
    // Not complete, so not in the form that demands all of it.
    expect(reply.headers.ratelimit).toBeUndefined();
  });

  test('a caller that throws is an internal error that tells nothing', async () => {
    await using fixture = await startFixture({ answer: () => Promise.reject(new Error('crisp-key-secret')) });
    const reply = await fixture.post(CALL);
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('crisp-key-secret');
  });
});

describe('a call under way', () => {
  test('ends with the token: at exp the upstream is aborted and the answer is the 404', async () => {
    const clock = new FakeClock(EXP - 5_000);
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ clock, reader: readerWithRoute({ exp: EXP }), answer: upstream.answer });
    const reply = fixture.post(CALL);
    await upstream.begun;
    clock.advance(5_000);
    await upstream.aborted;
    expect((await reply).status).toBe(404);
    expect((await reply).text).toBe((await fixture.send({ path: '/mcp/unknown' })).text);
  });

  test('whose result arrives after exp gives no result, although its timer is late', async () => {
    const clock = new FakeClock(EXP - 5_000);
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ clock, reader: readerWithRoute({ exp: EXP }), answer: upstream.answer });
    const reply = fixture.post(CALL);
    await upstream.begun;
    clock.step(5_000);
    upstream.finish(success('"late"'));
    expect((await reply).status).toBe(404);
  });

  test('follows an exp that is edited meanwhile, to a later one and to an earlier one', async () => {
    const clock = new FakeClock(EXP - 5_000);
    const reader = readerWithRoute({ exp: EXP });
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ clock, reader, answer: upstream.answer });
    const fetchedAfter = async (exp: number) => {
      const fetches = reader.fetches;
      reader.put(TOKEN, routeRecord({ exp }));
      await expect.poll(() => reader.fetches).toBeGreaterThan(fetches);
      await clock.advanceAsync(0);
    };
    const reply = fixture.post(CALL);
    await upstream.begun;
    await fetchedAfter(EXP + 20_000);
    await clock.advanceAsync(10_000);
    await fetchedAfter(EXP + 6_000);
    await clock.advanceAsync(999);
    expect(fixture.caller.calls[0]?.signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    await upstream.aborted;
    expect((await reply).status).toBe(404);
  });

  test('ends with a revocation', async () => {
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ answer: upstream.answer });
    const reply = fixture.post(CALL);
    await upstream.begun;
    fixture.reader.revoke(TOKEN);
    await upstream.aborted;
    expect((await reply).status).toBe(404);
  });

  test('goes on when its route changes but stays live', async () => {
    const upstream = pendingUpstream();
    const reader = readerWithRoute();
    await using fixture = await startFixture({ reader, answer: upstream.answer });
    const reply = fixture.post(CALL);
    await upstream.begun;
    reader.put(TOKEN, { ...(readerWithRoute().routes.values().next().value ?? fail()), displayName: 'Renamed' });
    upstream.finish(success('"done"'));
    expect((await reply).json.result.content[0].text).toBe('"done"');
  });

  test('is aborted when its client leaves', async () => {
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ answer: upstream.answer });
    const abort = new AbortController();
    const gone = fetch(`${fixture.gateway.url}/mcp/${TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(CALL),
      signal: abort.signal,
    });
    await upstream.begun;
    abort.abort();
    await expect(gone).rejects.toThrow();
    await upstream.aborted;
    await expect.poll(async () => fixture.metricsText()).toMatch(/outcome="client-gone"[^\n]* 1/);
  });

  test.each([
    ['a read', CALL, /may be repeated/],
    ['a write', WRITE, /unknown whether the change was made/],
  ])('%s that takes too long says what that means', async (_name, body, message) => {
    const clock = new FakeClock();
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ clock, answer: upstream.answer, config: { callTimeout: 1_000 } });
    const reply = fixture.post(body);
    await upstream.begun;
    clock.advance(1_000);
    expect((await reply).json.result).toMatchObject({
      isError: true,
      structuredContent: { error: { type: 'timed_out' } },
    });
    expect((await reply).json.result.content[0].text).toMatch(message);
  });

  test.each<[string, (reader: FakeReader) => unknown, number, RegExp]>([
    [
      'its tool was taken from the server',
      (r) => r.put(TOKEN, routeRecord({ filter: { methods: ['read'] } })),
      200,
      /is not enabled/,
    ],
    ['its account was withdrawn', (r) => r.put(TOKEN, routeRecord({ state: 'unavailable' })), 503, /Crisp account/],
    ['the store fell silent', (r) => Object.assign(r, { stale: 6_000 }), 503, /cannot verify/],
  ])('that waited for a slot is not made when meanwhile %s', async (_, change, status, text) => {
    const { begun, finish, answer } = pendingUpstream();
    await using fixture = await startFixture({ answer, config: { calls: { runningPerTenant: 1 } } });
    const first = fixture.post(CALL);
    await begun;
    const second = fixture.post(WRITE);
    await expect.poll(() => fixture.metricsText()).toMatch(/calls_waiting\S* 1\n/);
    change(fixture.reader);
    finish(success('{}'));
    await first;
    const reply = await second;
    expect([reply.status, reply.text]).toEqual([status, expect.stringMatching(text)]);
    expect(fixture.caller.calls).toHaveLength(1);
  });

  test('that waited for a slot is made with the credential that counts by then', async () => {
    const { begun, finish, answer } = pendingUpstream();
    await using fixture = await startFixture({ answer, config: { calls: { runningPerTenant: 1 } } });
    const first = fixture.post(CALL);
    await begun;
    const second = fixture.post(WRITE);
    await expect.poll(() => fixture.metricsText()).toMatch(/calls_waiting\S* 1\n/);
    const rotated = { tier: 'plugin', identifier: 'identifier', key: 'rotated-key' } as const;
    fixture.reader.putAccount(accountRecord({ credentials: [rotated] }));
    finish(success('{}'));
    await Promise.all([first, second]);
    expect(fixture.caller.calls[1]?.access.credentials.get('plugin')?.key).toBe('rotated-key');
  });

  describe.each<[string, (settings: { finish: () => void }) => void]>([
    ['while it waits for a slot', () => undefined],
    ['when it has its slot and is judged once more', ({ finish }) => finish()],
  ])('although the store is silent, is answered in its time', (stage, then) => {
    test(stage, async () => {
      const clock = new FakeClock();
      const reader = readerWithRoute();
      const { begun, finish, answer } = pendingUpstream();
      const config = { callTimeout: 1_000, calls: { runningPerTenant: 1 } };
      await using fixture = await startFixture({ clock, reader, answer, config });
      const first = fixture.post(CALL);
      await begun;
      const second = fixture.post(WRITE);
      await expect.poll(() => fixture.metricsText()).toMatch(/calls_waiting\S* 1\n/);
      reader.hold();
      reader.put(TOKEN, routeRecord());
      then({ finish: () => finish(success('{}')) });
      await clock.advanceAsync(0);
      // Sooner than a fetch gives up.
      await clock.advanceAsync(1_000);
      expect((await second).json.result.content[0].text).toMatch(/too long.*Nothing was changed/);
      expect(fixture.caller.calls).toHaveLength(1);
      reader.release();
      await first;
    });
  });

  test('whose result is there is answered in its time, although the store is silent', async () => {
    const clock = new FakeClock();
    const reader = readerWithRoute();
    const { begun, finish, answer } = pendingUpstream();
    await using fixture = await startFixture({ clock, reader, answer, config: { callTimeout: 1_000 } });
    const reply = fixture.post(CALL);
    await begun;
    reader.hold();
    reader.put(TOKEN, routeRecord());
    finish(success('"done"'));
    await clock.advanceAsync(1_000);
    expect((await reply).json.result.content[0].text).toBe('"done"');
    reader.release();
  });

  test('is not made for a client that left while its token was judged', async () => {
    const reader = readerWithRoute();
    await using fixture = await startFixture({ reader });
    await fixture.post(rpc('ping'));
    const body = JSON.stringify(CALL);
    const client = connect(fixture.gateway.port, '127.0.0.1');
    client.on('error', () => undefined);
    const head = `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    client.write(head);
    await expect.poll(() => fixture.metricsText()).toMatch(/requests_running\S* 1\n/);
    reader.hold();
    reader.put(TOKEN, routeRecord());
    const { fetches } = reader;
    client.write(body);
    await expect.poll(() => reader.fetches).toBeGreaterThan(fetches);
    client.destroy();
    // Whoever is answered after that proves that the gateway has seen the connection end.
    for (let count = 0; count < 2; count++) await fixture.send({ path: '/elsewhere' });
    reader.release();
    await expect.poll(() => fixture.metricsText()).toMatch(/outcome="client-gone"[^\n]* 1/);
    expect(fixture.caller.calls).toEqual([]);
  });

  test('is aborted when its client asks for a tunnel behind it, for which Node ends the connection', async () => {
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ answer: upstream.answer });
    const body = JSON.stringify(CALL);
    const client = connect(fixture.gateway.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(
      `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await upstream.begun;
    client.write('CONNECT crisp:443 HTTP/1.1\r\nhost: crisp\r\n\r\n');
    await upstream.aborted;
  });

  test('beyond slots and queue a call is refused with a delay, and not executed', async () => {
    const upstream = pendingUpstream();
    await using fixture = await startFixture({
      answer: upstream.answer,
      config: { calls: { runningPerTenant: 1, waitingPerTenant: 1 } },
    });
    const first = fixture.post(CALL);
    await upstream.begun;
    const second = fixture.post(CALL);
    await expect.poll(() => fixture.metricsText()).toMatch(/calls_waiting\S* 1/);
    const third = await fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }, 3));
    expect([third.status, third.headers['retry-after'], third.json.id]).toEqual([429, '5', 3]);
    expect(third.json.error.message).toMatch(/not executed. Wait 5 seconds/);
    expect((await fixture.post(rpc('tools/list'))).status).toBe(200);
    upstream.finish(success('1'));
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
    expect(fixture.caller.calls).toHaveLength(2);
  });
});

function fail(): never {
  throw new Error('the fixture has no route');
}
