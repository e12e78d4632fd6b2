import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { CallOutcome, CallSignal } from '../../crisp/outcome.ts';
import { FakeClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/logger.ts';
import { hashToken } from '../../routes/token.ts';
import { FakeSink } from '../audit/fake-sink.ts';
import { cachedAccount, cachedRoute, FilterPool } from '../cached-records.ts';
import { accountRecord, readerWithRoute, routeRecord, success, TOKEN, uncutRun } from '../fakes.ts';
import { modern, rpc, startFixture } from '../gateway-fixture.ts';
import { newRequestTrace } from '../request-trace.ts';
import type { RunningCalls } from '../running-calls.ts';
import { createFeatureServer, type FeatureRequest } from './feature-server.ts';
import type { Features } from './features.ts';

/** One prompt, whose text is what a tool says. */
const features: Features = {
  capabilities: () => ({ prompts: {} }),
  register(server, { callTool, cache }) {
    server.setRequestHandler('prompts/list', () => ({ prompts: [], ...cache }));
    server.setRequestHandler('prompts/get', async ({ params }) => {
      const answer = await callTool(params.name, { page_number: 3 });
      const text = answer.kind === 'text' ? answer.text : `${answer.type}: ${answer.message}`;
      return { messages: [{ role: 'user', content: { type: 'text', text } }] };
    });
  },
};
/** One whose prompt calls a tool twice. */
const twice: Features = {
  capabilities: () => ({ prompts: {} }),
  register(server, { callTool }) {
    server.setRequestHandler('prompts/get', async ({ params }) => {
      for (const page of [1, 2]) await callTool(params.name, { page_number: page });
      return { messages: [] };
    });
  },
};
const GET = rpc('prompts/get', { name: 'list_crisp_conversations' });
const EXP = Date.parse('2026-06-01T12:00:00Z');

function pendingUpstream() {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    aborted: aborted.promise,
    answer: ({ signal }: { signal: CallSignal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      begun.resolve();
      return new Promise<CallOutcome>(() => undefined);
    },
  };
}

describe('a feature', () => {
  test('is announced and answered in both eras', async () => {
    await using fixture = await startFixture({ features });
    const initialized = await fixture.post(rpc('initialize'));
    expect(initialized.json.result.capabilities).toEqual({ tools: {}, prompts: {} });
    const legacy = await fixture.post(rpc('prompts/list', {}, 'p-1'));
    expect(legacy.headers['content-type']).toBe('application/json');
    expect(legacy.json).toEqual({ jsonrpc: '2.0', id: 'p-1', result: { prompts: [] } });
    const discover = modern('server/discover');
    expect((await fixture.post(discover.body, discover.headers)).json.result.capabilities).toEqual({
      tools: { listChanged: true },
      prompts: {},
    });
    const list = modern('prompts/list');
    expect((await fixture.post(list.body, list.headers)).json.result).toMatchObject({
      resultType: 'complete',
      prompts: [],
      ttlMs: 60_000,
      cacheScope: 'private',
    });
  });

  test('travels in a batch of an old version', async () => {
    await using fixture = await startFixture({ features });
    const reply = await fixture.post([rpc('prompts/list', {}, 1), rpc('ping', {}, 2)]);
    expect(reply.json.map(({ id }: { id: number }) => id)).toEqual([1, 2]);
  });

  test('is not there when it was not announced', async () => {
    await using fixture = await startFixture({ features });
    expect((await fixture.post(rpc('resources/list'))).json.error.code).toBe(-32601);
    const { body, headers } = modern('resources/list');
    const reply = await fixture.post(body, headers);
    expect([reply.status, reply.json.error.code]).toEqual([404, -32601]);
  });

  test('reaches Crisp as tools/call does', async () => {
    await using fixture = await startFixture({ features, answer: () => success('"42"') });
    const reply = await fixture.post(GET);
    expect(reply.json.result.messages[0].content.text).toBe('"42"');
    expect(fixture.caller.calls[0]).toMatchObject({ tool: 'list_crisp_conversations', args: { page_number: 3 } });
  });

  test('cannot call a tool that the filter leaves out', async () => {
    await using fixture = await startFixture({ features, reader: readerWithRoute({ filter: { methods: ['read'] } }) });
    const reply = await fixture.post(rpc('prompts/get', { name: 'send_crisp_message' }));
    expect(reply.json.result.messages[0].content.text).toMatch(/refused: .*not enabled on this server/);
    expect(fixture.caller.calls).toEqual([]);
  });

  test('learns what Crisp refused', async () => {
    const answer = (): CallOutcome => ({ kind: 'failure', code: 'rate_limited', message: 'Wait 9 seconds.' });
    await using fixture = await startFixture({ features, answer });
    const reply = await fixture.post(GET);
    expect(reply.json.result.messages[0].content.text).toBe('rate_limited: Wait 9 seconds.');
  });

  test('whose client leaves stops asking Crisp', async () => {
    const upstream = pendingUpstream();
    await using fixture = await startFixture({ features, answer: upstream.answer });
    const request = httpRequest(`${fixture.gateway.url}/mcp/${TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    request.on('error', () => undefined);
    request.end(JSON.stringify(GET));
    await upstream.begun;
    request.destroy();
    await upstream.aborted;
    await expect.poll(fixture.logText).toContain('client-gone');
  });

  test('is cut by the expiry of the token and by a revocation', async () => {
    for (const end of ['expiry', 'revocation']) {
      const clock = new FakeClock(EXP - 1_000);
      const upstream = pendingUpstream();
      const reader = readerWithRoute({ exp: EXP });
      await using fixture = await startFixture({ features, clock, reader, answer: upstream.answer });
      const replying = fixture.post(GET);
      await upstream.begun;
      if (end === 'expiry') clock.advance(1_000);
      else reader.revoke(TOKEN);
      const reply = await replying;
      expect([end, reply.status]).toEqual([end, 404]);
      await upstream.aborted;
    }
  });

  test('asks Crisp nothing more once a call of it was answered for the whole URL', async () => {
    const reader = readerWithRoute();
    const answer = () => {
      reader.revoke(TOKEN);
      return success('{}');
    };
    await using fixture = await startFixture({ features: twice, reader, answer });
    expect((await fixture.post(GET)).status).toBe(404);
    expect(fixture.caller.calls.map(({ args }) => args)).toEqual([{ page_number: 1 }]);
  });

  test('calls no tool that has been taken from the server since it was asked', async () => {
    const reader = readerWithRoute();
    const answer = async () => {
      const fetches = reader.fetches;
      reader.put(TOKEN, routeRecord({ filter: { methods: ['write'] } }));
      await expect.poll(() => reader.fetches).toBeGreaterThan(fetches);
      return success('{}');
    };
    await using fixture = await startFixture({ features: twice, reader, answer });
    expect((await fixture.post(GET)).status).toBe(200);
    expect(fixture.caller.calls.map(({ args }) => args)).toEqual([{ page_number: 1 }]);
  });

  test('whose call cannot be recorded says so under the id of its own request', async () => {
    const audit = new FakeSink();
    audit.failure = new Error('full');
    await using fixture = await startFixture({ features, audit, config: { auditRequired: true } });
    const reply = await fixture.post(rpc('prompts/get', { name: 'list_crisp_conversations' }, 'p-7'));
    expect([reply.status, reply.json.id]).toEqual([503, 'p-7']);
  });

  test('that fails by a mistake of ours is an error that tells nothing of it', async () => {
    const broken: Features = {
      capabilities: () => ({ prompts: {} }),
      register: () => {
        throw new Error('secret detail');
      },
    };
    await using fixture = await startFixture({ features: broken });
    const reply = await fixture.post(rpc('prompts/list'));
    expect([reply.status, reply.text.includes('secret detail')]).toEqual([500, false]);
  });
});

describe('a feature that calls Crisp', () => {
  test('counts towards the rate limit of its server', async () => {
    const reader = readerWithRoute({ rateLimit: { perMinute: 6, burst: 1 } });
    await using fixture = await startFixture({ features, reader, clock: new FakeClock() });
    await fixture.post(GET);
    const { text } = (await fixture.post(GET)).json.result.messages[0].content;
    expect(text).toMatch(/^refused: This server allows 6 tool calls a minute .* Wait 10 seconds/);
    expect(fixture.caller.calls).toHaveLength(1);
  });

  test('waits for a place like a tool call, and is refused when there is none', async () => {
    const upstream = pendingUpstream();
    const calls = { runningPerTenant: 1, waitingPerTenant: 0 };
    await using fixture = await startFixture({ features, answer: upstream.answer, config: { calls } });
    const first = fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }));
    await upstream.begun;
    const { text } = (await fixture.post(GET)).json.result.messages[0].content;
    expect(text).toContain('Too many tool calls are running on this server');
    expect(fixture.caller.calls).toHaveLength(1);
    await fixture.gateway.close();
    await first.catch(() => undefined);
  });
});

test('a library that could not be loaded is an error of that request alone; the next one loads it again', async () => {
  const running: Pick<RunningCalls, 'start'> = { start: (_token, served) => uncutRun(served) };
  let loads = 0;
  const answer = createFeatureServer({
    features,
    serverInfo: { name: 'crisp-mcp', version: '1' },
    callTool: () => Promise.reject(new Error('not called')),
    running,
    logger: silentLogger,
    load: () => {
      loads += 1;
      return loads === 1 ? Promise.reject(new Error('disk')) : import('@modelcontextprotocol/server');
    },
  });
  const request = (): FeatureRequest => ({
    id: 1,
    method: 'prompts/list',
    params: {},
    era: 'legacy',
    headers: new Headers(),
    token: TOKEN,
    trace: newRequestTrace(undefined, undefined),
    served: {
      kind: 'serve',
      route: cachedRoute(hashToken(TOKEN), routeRecord(), new FilterPool()),
      account: cachedAccount(accountRecord()),
      apiToken: undefined,
      now: 0,
    },
    toolset: { key: '', tools: [], byName: new Map(), outOfReach: new Map() },
    ttlMs: 0,
    mayStream: false,
    onGone: () => undefined,
  });
  expect((await answer(request())).status).toBe(500);
  expect((await answer(request())).status).toBe(200);
  expect((await answer(request())).status).toBe(200);
  expect(loads).toBe(2);
});
