import { describe, expect, test } from 'vitest';
import type { CallSignal } from '../crisp/outcome.ts';
import { FakeClock } from '../process/clock.ts';
import type { ApiTokenRecord, RouteRecord } from '../routes/records.ts';
import { accountRecord, apiTokenRecord, readerWithRoute, routeRecord, success, TOKEN, token } from './fakes.ts';
import { type Fixture, type FixtureOptions, modern, type Reply, rpc, startFixture } from './gateway-fixture.ts';

const API_TOKEN = token(77);
const OTHER = token(78);
const NOW = Date.parse('2026-06-01T12:00:00Z');
const LIST = rpc('tools/list');

/** A gateway whose server asks for an API token, and one such token in the store. */
async function start(
  options: FixtureOptions & { route?: Partial<RouteRecord>; apiToken?: Partial<ApiTokenRecord> } = {},
): Promise<Fixture> {
  const reader = readerWithRoute();
  reader.put(TOKEN, routeRecord({ auth: 'api-token', ...options.route }));
  reader.putApiToken(API_TOKEN, apiTokenRecord(options.apiToken));
  return await startFixture({ reader, clock: new FakeClock(NOW), ...options });
}

const bearer = (apiToken: string) => ({ authorization: `Bearer ${apiToken}` });

/** What a client can see of an answer, but for its date. */
function seen({ status, headers: { date: _, ...headers }, text }: Reply) {
  return { status, headers, text };
}

describe('a server that asks for an API token', () => {
  test('serves a client that sends a live one, in every era and by any spelling of the scheme', async () => {
    await using fixture = await start();
    expect((await fixture.post(LIST, bearer(API_TOKEN))).status).toBe(200);
    expect((await fixture.post(LIST, { authorization: `bearer  ${API_TOKEN} ` })).status).toBe(200);
    const { body, headers } = modern('tools/list');
    expect((await fixture.post(body, { ...headers, ...bearer(API_TOKEN) })).json.result.tools).toHaveLength(2);
    const call = rpc('tools/call', { name: 'list_crisp_conversations' });
    expect((await fixture.post(call, bearer(API_TOKEN))).json.result.isError).toBeUndefined();
    expect(fixture.caller.calls).toHaveLength(1);
  });

  test('answers 401, the same in every byte, whatever is wrong with the API token', async () => {
    await using fixture = await start();
    const { reader } = fixture;
    const wrong: [string, Partial<ApiTokenRecord>][] = [
      ['expired', { exp: NOW }],
      ['other namespace', { namespace: 'sales' }],
      ['without the scope', { scopes: ['provision', 'read'] }],
      ['without any scope', { scopes: [] }],
      ['for another server', { servers: ['assistant-2', 'assist*'] }],
      ['for no server', { servers: [] }],
    ];
    const replies: [string, Reply][] = [];
    for (const [position, [what, changes]] of wrong.entries()) {
      reader.putApiToken(token(100 + position), apiTokenRecord(changes));
      replies.push([what, await fixture.post(LIST, bearer(token(100 + position)))]);
    }
    replies.push(
      ['missing', await fixture.post(LIST)],
      ['empty', await fixture.post(LIST, { authorization: 'Bearer ' })],
      ['another scheme', await fixture.post(LIST, { authorization: `Basic ${API_TOKEN}` })],
      ['malformed', await fixture.post(LIST, bearer('x'.repeat(20)))],
      ['far too long', await fixture.post(LIST, bearer('x'.repeat(5_000)))],
      ['unknown', await fixture.post(LIST, bearer(OTHER))],
      ['the token of the URL', await fixture.post(LIST, bearer(TOKEN))],
    );
    const [, first] = replies[0] ?? [];
    expect(first).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="crisp-mcp"' } });
    expect(first?.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: 401 } });
    for (const [what, reply] of replies) expect(seen(reply), what).toEqual(first === undefined ? {} : seen(first));
    expect(fixture.caller.calls).toHaveLength(0);
  });

  test('"*" stands for every server of the namespace', async () => {
    await using fixture = await start({ apiToken: { servers: ['*'] } });
    expect((await fixture.post(LIST, bearer(API_TOKEN))).status).toBe(200);
  });

  test('is 404 when its own token is not live, with and without an API token', async () => {
    await using fixture = await start({ route: { exp: NOW } });
    const plain = await fixture.post(LIST);
    expect(plain.status).toBe(404);
    expect(seen(await fixture.post(LIST, bearer(API_TOKEN)))).toEqual(seen(plain));
  });

  test('cannot be reached at /mcp with its token as bearer: that is a 404 like any unknown token', async () => {
    await using fixture = await start();
    const sent = (apiToken: string) =>
      fixture.send({
        path: '/mcp',
        headers: { 'content-type': 'application/json', ...bearer(apiToken) },
        body: JSON.stringify(LIST),
      });
    const unknown = await sent(OTHER);
    expect(unknown.status).toBe(404);
    expect(seen(await sent(TOKEN))).toEqual(seen(unknown));
    expect(seen(await sent(API_TOKEN))).toEqual(seen(unknown));
  });

  test('an API token opens no URL, and a server that asks for none ignores one', async () => {
    await using fixture = await start({ route: { auth: 'path' } });
    expect((await fixture.send({ path: `/mcp/${API_TOKEN}`, body: '{}' })).status).toBe(404);
    expect((await fixture.post(LIST, bearer(OTHER))).status).toBe(200);
  });

  test('does not say without an API token that its account is missing', async () => {
    await using fixture = await start();
    fixture.reader.accounts.clear();
    expect((await fixture.post(LIST)).status).toBe(401);
    expect((await fixture.post(LIST, bearer(API_TOKEN))).status).toBe(503);
    fixture.reader.putAccount(accountRecord());
  });

  test('answers 401 to every method, and the preflight of a browser all the same', async () => {
    await using fixture = await start({ config: { legacySse: true, allowedOrigins: ['*'] } });
    for (const method of ['GET', 'DELETE', 'PUT']) expect((await fixture.send({ method })).status, method).toBe(401);
    const preflight = await fixture.send({ method: 'OPTIONS', headers: { origin: 'https://playground.example' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
  });

  test('from one request to the next: deletion, loss of a right, expiry, and a server that begins to ask', async () => {
    const clock = new FakeClock(NOW);
    await using fixture = await start({ clock, apiToken: { exp: NOW + 1_000 } });
    const status = async () => (await fixture.post(LIST, bearer(API_TOKEN))).status;
    expect(await status()).toBe(200);
    clock.advance(999);
    expect(await status()).toBe(200);
    clock.advance(1);
    expect(await status()).toBe(401);
    fixture.reader.putApiToken(API_TOKEN, apiTokenRecord());
    expect(await status()).toBe(200);
    fixture.reader.putApiToken(API_TOKEN, apiTokenRecord({ servers: ['other'] }));
    expect(await status()).toBe(401);
    fixture.reader.putApiToken(API_TOKEN, apiTokenRecord());
    fixture.reader.revokeApiToken(API_TOKEN);
    expect(await status()).toBe(401);
    fixture.reader.put(TOKEN, routeRecord());
    expect(await status()).toBe(200);
    fixture.reader.put(TOKEN, routeRecord({ auth: 'api-token' }));
    expect(await status()).toBe(401);
  });

  test('one known API token costs no fetch, many requests share one, and an overtaken fetch is not kept', async () => {
    await using fixture = await start();
    const { reader } = fixture;
    await fixture.post(LIST, bearer(API_TOKEN));
    const before = reader.fetches;
    await fixture.post(LIST, bearer(API_TOKEN));
    expect(reader.fetches).toBe(before);
    reader.hold();
    reader.putApiToken(API_TOKEN, apiTokenRecord());
    const many = Promise.all(Array.from({ length: 5 }, () => fixture.gateway.admission.admit(TOKEN, API_TOKEN)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(reader.fetches).toBe(before + 1);
    reader.revokeApiToken(API_TOKEN);
    reader.release();
    for (const decision of await many) expect(decision.kind).toBe('unauthorized');
  });

  test('503 while the store cannot say whether the API token is live', async () => {
    await using fixture = await start();
    await fixture.post(LIST, bearer(API_TOKEN));
    fixture.reader.failure = new Error('away');
    expect((await fixture.post(LIST, bearer(OTHER))).status).toBe(503);
    expect((await fixture.post(LIST)).status).toBe(401);
    fixture.reader.failure = undefined;
    fixture.reader.verified = false;
    expect((await fixture.post(LIST, bearer(token(79)))).status).toBe(503);
    // What an unverified store was seen to say holds for everything that was kept.
    expect((await fixture.post(LIST, bearer(API_TOKEN))).status).toBe(503);
  });

  test('neither token nor API token is in the log, which counts it as unauthorized', async () => {
    await using fixture = await start();
    await fixture.post(LIST, bearer(API_TOKEN));
    await fixture.post(LIST, bearer(OTHER));
    await fixture.gateway.close();
    const lines = fixture.logText().trim().split('\n');
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ status: 401, outcome: 'unauthorized', name: 'assistant' });
    for (const secret of [TOKEN, API_TOKEN, OTHER]) expect(fixture.logText()).not.toContain(secret);
  });
});

describe('what is under way ends with the API token it came with', () => {
  const listen = (fixture: Fixture, apiToken: string) => {
    const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, 'sub');
    return fixture.open({ body, headers: { ...headers, ...bearer(apiToken) } });
  };

  const endings: [string, (fixture: Fixture, clock: FakeClock) => void][] = [
    ['its deletion', ({ reader }) => reader.revokeApiToken(API_TOKEN)],
    ['its expiry', (_fixture, clock) => clock.advance(1_000)],
    ['the loss of its right', ({ reader }) => reader.putApiToken(API_TOKEN, apiTokenRecord({ scopes: ['read'] }))],
  ];
  test.each(endings)('a listening stream, by %s, while one with another goes on', async (_what, end) => {
    const clock = new FakeClock(NOW);
    await using fixture = await start({ clock, apiToken: { exp: NOW + 1_000 } });
    fixture.reader.putApiToken(OTHER, apiTokenRecord({ uid: 'other' }));
    const [mine, other] = [await listen(fixture, API_TOKEN), await listen(fixture, OTHER)];
    await Promise.all([mine, other].map((stream) => stream.next(({ type }) => type === 'message')));
    end(fixture, clock);
    await mine.closed;
    expect(mine.events.map(({ data }) => data).join()).toContain('API token');
    // The one that goes on still hears of changes.
    fixture.reader.put(TOKEN, routeRecord({ auth: 'api-token', filter: { methods: ['read'] } }));
    await other.next(({ data }) => data.includes('list_changed'));
    other.close();
  });

  test.each(endings)('a session of HTTP+SSE, by %s', async (_what, end) => {
    const clock = new FakeClock(NOW);
    await using fixture = await start({ clock, apiToken: { exp: NOW + 1_000 }, config: { legacySse: true } });
    const stream = await fixture.open({
      method: 'GET',
      headers: { accept: 'text/event-stream', ...bearer(API_TOKEN) },
    });
    const { data } = await stream.next(({ type }) => type === 'endpoint');
    const without = await fixture.send({
      path: data,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(LIST),
    });
    expect(without.status).toBe(401);
    end(fixture, clock);
    await stream.closed;
  });

  test.each(endings)(
    'a running call, by %s: its request at Crisp is aborted and nothing of it answered',
    async (_what, end) => {
      const clock = new FakeClock(NOW);
      const begun = Promise.withResolvers<CallSignal>();
      await using fixture = await start({
        clock,
        apiToken: { exp: NOW + 1_000 },
        answer: ({ signal }) => {
          begun.resolve(signal);
          return new Promise(() => undefined);
        },
      });
      const call = fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }), bearer(API_TOKEN));
      const signal = await begun.promise;
      end(fixture, clock);
      expect((await call).status).toBe(401);
      expect(signal.aborted).toBe(true);
    },
  );

  const ends: [string, Partial<RouteRecord>, Partial<ApiTokenRecord>, number][] = [
    ['404 when the token of its URL ends at the same instant', { exp: NOW + 1_000 }, { exp: NOW + 1_000 }, 404],
    ['404 when the token of its URL ends', { exp: NOW + 1_000 }, { exp: NOW + 5_000 }, 404],
    ['401 when an end that the API token was given meanwhile comes', {}, { exp: NOW + 1_000 }, 401],
    ['401 when that comes before the end of the URL', { exp: NOW + 5_000 }, { exp: NOW + 1_000 }, 401],
  ];
  test.each(ends)('a running call answers %s', async (_what, route, apiToken, status) => {
    const clock = new FakeClock(NOW);
    const begun = Promise.withResolvers<void>();
    await using fixture = await start({
      clock,
      route,
      apiToken: status === 404 ? apiToken : {},
      answer: () => {
        begun.resolve();
        return new Promise(() => undefined);
      },
    });
    const { admission } = fixture.gateway;
    const call = fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }), bearer(API_TOKEN));
    await begun.promise;
    fixture.reader.putApiToken(API_TOKEN, apiTokenRecord(apiToken));
    // Asked after the call was judged anew, whose fetch it shares.
    await admission.admit(TOKEN, API_TOKEN);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    expect((await call).status).toBe(status);
  });

  test('a result that arrives after the deletion is not handed out', async () => {
    const holder: { fixture?: Fixture } = {};
    await using fixture = await start({
      answer: () => {
        holder.fixture?.reader.revokeApiToken(API_TOKEN);
        return success('{"data":["secret"]}');
      },
    });
    holder.fixture = fixture;
    const reply = await fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }), bearer(API_TOKEN));
    expect(reply.status).toBe(401);
    expect(reply.text).not.toContain('secret');
  });
});
