import type { ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALL_TOOLS, findTool } from '../catalog/catalog.ts';
import type { Tier } from '../catalog/tool.ts';
import { FakeClock } from '../process/clock.ts';
import { createLogger, silentLogger } from '../process/logger.ts';
import { type CrispCallerOptions, createCrispCaller } from './caller.ts';
import type { CallFailure, CallOutcome, CallSuccess, CrispAccess, CrispCaller } from './outcome.ts';
import { json, type RecordedRequest, type ScriptedCrisp, startScriptedCrisp } from './scripted-crisp.ts';

const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
const SESSION = 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881';
const IDENTIFIER = 'identifier-5f0c2a';
const KEY = 'key-94d1e7b35c';
const BASIC = Buffer.from(`${IDENTIFIER}:${KEY}`).toString('base64');
const NOTE = { session_id: SESSION, type: 'note', content: 'x' };

let crisp: ScriptedCrisp;
let caller: CrispCaller;

beforeEach(async () => {
  crisp = await startScriptedCrisp();
  caller = createCrispCaller({ allowedOrigins: [crisp.origin], logger: silentLogger });
});
afterEach(async () => {
  await caller.close();
  await crisp.close();
});

async function replaceCaller(options: Partial<CrispCallerOptions>): Promise<void> {
  await caller.close();
  caller = createCrispCaller({ allowedOrigins: [crisp.origin], logger: silentLogger, ...options });
}

function access(overrides: { tiers?: Tier[]; apiUrl?: string } = {}): CrispAccess {
  const { tiers = ['plugin'], apiUrl = crisp.origin } = overrides;
  return {
    websiteId: WEBSITE,
    apiUrl,
    credentials: new Map(tiers.map((tier) => [tier, { identifier: IDENTIFIER, key: KEY }])),
  };
}

function call(name: string, args: unknown = {}, using = access(), signal = new AbortController().signal) {
  const tool = findTool(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return caller.call(tool, args, using, signal);
}

async function succeeds(outcome: Promise<CallOutcome>): Promise<CallSuccess> {
  const settled = await outcome;
  if (settled.kind !== 'success') throw new Error(`expected success: ${settled.message}`);
  return settled;
}

async function fails(outcome: Promise<CallOutcome>): Promise<CallFailure> {
  const settled = await outcome;
  if (settled.kind !== 'failure') throw new Error(`expected failure: ${settled.text}`);
  return settled;
}

const listing = (items: readonly unknown[]) => ({ error: false, reason: 'listed', data: items });

describe('a call', () => {
  test('carries the context of a trace where it has one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const tool = findTool('list_all_crisp_conversations');
    if (tool === undefined) throw new Error('no tool list_all_crisp_conversations');
    await caller.call(tool, {}, access(), new AbortController().signal, traceparent);
    await caller.call(tool, {}, access(), new AbortController().signal);
    expect(crisp.requests.map(({ headers }) => headers.traceparent)).toEqual([traceparent, undefined]);
  });

  test('goes to the account’s website with its credential and no more', async () => {
    await call('create_a_crisp_message', NOTE);
    const [request] = crisp.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: `/v1/website/${WEBSITE}/conversation/${SESSION}/message`,
      headers: { authorization: `Basic ${BASIC}`, 'x-crisp-tier': 'plugin', 'content-type': 'application/json' },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({ type: 'note', content: 'x', from: 'operator', origin: 'chat' });
  });

  test.each<[string, string, Tier[], string | undefined]>([
    [
      'takes the least privileged credential',
      'get_single_crisp_website_by_id',
      ['user', 'plugin', 'website'],
      'website',
    ],
    ['takes the one the route accepts', 'list_all_crisp_campaigns', ['website', 'plugin', 'user'], 'user'],
    ['is refused without one', 'list_all_crisp_campaigns', ['website', 'plugin'], undefined],
  ])('%s', async (_sentence, tool, tiers, expected) => {
    const outcome = await call(tool, {}, access({ tiers }));
    expect(crisp.requests.map(({ headers }) => headers['x-crisp-tier'])).toEqual(
      expected === undefined ? [] : [expected],
    );
    if (expected === undefined) {
      expect(outcome).toMatchObject({ kind: 'failure', code: 'tier_missing' });
      expect(outcome.kind === 'failure' && outcome.message).toContain(
        "tier user; this server's account has website, plugin",
      );
    }
  });

  test('for another website is refused by every tool, whatever else is passed', async () => {
    for (const { name } of ALL_TOOLS) {
      const other = '11111111-1111-4111-8111-111111111111';
      expect(await fails(call(name, { website_id: other }, access({ tiers: ['plugin', 'user'] })))).toMatchObject({
        code: 'other_website',
      });
    }
    expect(crisp.requests).toEqual([]);
  });

  test('that names the served website is performed', async () => {
    await succeeds(call('get_single_crisp_website_by_id', { website_id: WEBSITE }));
    expect(crisp.requests[0]?.url).toBe(`/v1/website/${WEBSITE}`);
  });

  test('with arguments that do not fit is not sent and lists every problem', async () => {
    const { code, message } = await fails(call('list_all_crisp_messages', { session_id: 'x', sesion: 1 }));
    expect(code).toBe('invalid_arguments');
    expect(message).toMatch(/^The arguments of list_all_crisp_messages have 2 problems; nothing was sent\.\n- /);
    expect(crisp.requests).toEqual([]);
  });

  test.each(['..', '/a.md', 'a/../b.md', 'a//b.md', 'a\0b'])('to the tree path %j is not sent', async (path) => {
    const outcome = await fails(call('get_single_crisp_helpdesk_article_by_id', { locale: 'en', path }));
    expect(outcome).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining('- path: ') });
    expect(crisp.requests).toEqual([]);
  });

  test('to an origin that is not allowed is not sent', async () => {
    const outcome = await fails(call('get_single_crisp_website_by_id', {}, access({ apiUrl: 'http://127.0.0.1:1' })));
    expect(outcome.code).toBe('refused');
  });

  test('beyond the bound of calls in flight is refused at once', async () => {
    await replaceCaller({ mostCalls: 1 });
    const waiting = new Promise<ServerResponse>((resolve) => {
      crisp.answer = (_request, response) => resolve(response);
    });
    const first = call('get_single_crisp_website_by_id');
    const response = await waiting;
    expect(await fails(call('get_single_crisp_website_by_id'))).toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 5,
    });
    json(response, 200, { data: {} });
    await succeeds(first);
  });
});

describe('a result', () => {
  test('is the data byte for byte', async () => {
    const data = '{ "fingerprint": 12345678901234567890,  "x":"\\u00e9é" }';
    crisp.answer = (_request, response) => json(response, 200, `{"error":false,"reason":"resolved","data":${data}}`);
    const { text } = await succeeds(call('get_single_crisp_website_by_id'));
    expect(text.toString()).toBe(data);
  });

  test.each([
    ['a full page names the next', 20, { page_number: 2 }, 'Page 2, 20 items. Next: page_number 3.'],
    ['a short page is the last', 7, {}, 'Page 1, 7 items. This is the last page.'],
    ['a page as long as asked names the next', 50, { per_page: 50 }, 'Page 1, 50 items. Next: page_number 2.'],
    ['an empty page is past the end', 0, { page_number: 9 }, 'Page 9 is empty: the list ended before it.'],
    ['an empty first page is an empty list', 0, {}, 'Nothing found: the list is empty.'],
  ])('of a list: %s', async (_sentence, items, args, expected) => {
    crisp.answer = (_request, response) =>
      json(response, 206, listing(Array.from({ length: items }, () => ({ a: [1, 2] }))));
    expect((await succeeds(call('list_all_crisp_conversations', args))).note).toBe(expected);
  });

  test('of a message says that it is delivered later', async () => {
    crisp.answer = (_request, response) =>
      json(response, 202, { error: false, reason: 'dispatched', data: { fingerprint: 163613151617340 } });
    const outcome = await succeeds(call('create_a_crisp_message', NOTE));
    expect(outcome).toMatchObject({ upstreamStatus: 202, note: expect.stringContaining('asynchronously') });
    expect(outcome.text.toString()).toBe('{"fingerprint":163613151617340}');
  });

  test('of a write without data says that it is done', async () => {
    const outcome = await succeeds(call('crisp_conversations_mark_read', { session_id: SESSION }));
    expect(outcome.note).toBe('Done.');
  });

  test('of operators has their token pairs redacted', async () => {
    crisp.answer = (_request, response) =>
      json(
        response,
        200,
        listing([
          { type: 'operator', details: { user_id: 'u', identifier: 'secret-1', key: 'secret-2', has_token: true } },
        ]),
      );
    const { text } = await succeeds(call('list_all_crisp_operators'));
    expect(JSON.parse(text.toString())).toEqual([
      { type: 'operator', details: { user_id: 'u', identifier: '[redacted]', key: '[redacted]', has_token: true } },
    ]);
  });

  test('of operators that cannot be parsed is not passed on unredacted', async () => {
    crisp.answer = (_request, response) => json(response, 200, '{"data":[{"key":"secret-2" "x"}]}');
    const outcome = await fails(call('list_all_crisp_operators'));
    expect(outcome).toMatchObject({ code: 'upstream_error', message: expect.stringContaining('it is not JSON') });
    expect(outcome.message).not.toContain('secret-2');
  });

  test('and every request that is sent is told, with its credential and tier, also one that fails', async () => {
    const heard: string[] = [];
    caller.onRequest(({ identifier }, tier) => heard.push(`${tier} ${identifier}`));
    crisp.answer = (_request, response) => json(response, 429, {});
    await fails(call('get_single_crisp_website_by_id'));
    await fails(call('get_single_crisp_website_by_id', { no_such: 1 }));
    expect(heard).toHaveLength(crisp.requests.length);
    expect(heard).toHaveLength(1);
  });

  test('above the cap is cut between two items and says so', async () => {
    await replaceCaller({ mostResultCharacters: 1000 });
    const items = Array.from({ length: 20 }, (_, index) => ({ index, text: 'x'.repeat(90) }));
    crisp.answer = (_request, response) => json(response, 206, listing(items));
    const { text, note } = await succeeds(call('list_all_crisp_conversations'));
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(JSON.parse(text.toString())).toEqual(items.slice(0, 8));
    expect(note).toContain('the result has its first 8 of 20 items');
    expect(note).toContain('To get the rest, ask for less: filter the list, or get single items by their id.');
  });

  test('above the cap by many small items is told the page size that fits', async () => {
    await replaceCaller({ mostResultCharacters: 1000 });
    const items = Array.from({ length: 50 }, (_, index) => ({ index: 100 + index, text: 'x'.repeat(10) }));
    crisp.answer = (_request, response) => json(response, 206, listing(items));
    const { text, note } = await succeeds(call('list_all_crisp_conversations', { per_page: 50 }));
    const shown = JSON.parse(text.toString()).length;
    expect(shown).toBeGreaterThan(20);
    expect(note).toContain(`call again with per_page ${shown} and go through the pages from page_number 1`);
  });

  test('is measured in characters, not in bytes', async () => {
    await replaceCaller({ mostResultCharacters: 1000 });
    const items = Array.from({ length: 20 }, (_, index) => ({ index, text: '漢'.repeat(90) }));
    crisp.answer = (_request, response) => json(response, 206, listing(items));
    expect(JSON.parse((await succeeds(call('list_all_crisp_conversations'))).text.toString())).toHaveLength(8);
  });

  test.each([
    ['one huge item', { data: [{ id: 1, text: 'x'.repeat(5000) }] }, '[0].text has its first'],
    ['a nested list', { data: { list: Array.from({ length: 500 }, (_, id) => ({ id })) } }, 'list has its first'],
    ['a bare text', { data: 'x'.repeat(5000) }, 'the result has its first 998 of 5000 characters'],
    ['many fields', { data: Object.fromEntries(Array.from({ length: 900 }, (_, id) => [`f${id}`, 1])) }, 'fields'],
  ])('above the cap with %s is no failure', async (_what, body, words) => {
    await replaceCaller({ mostResultCharacters: 1000 });
    crisp.answer = (_request, response) => json(response, 200, body);
    const { text, note } = await succeeds(call('get_single_crisp_website_by_id'));
    expect(text.toString().length).toBeLessThanOrEqual(1000);
    expect(typeof JSON.parse(text.toString())).toBe(typeof body.data);
    expect(note).toContain(words);
    expect(note).toContain('To get the rest');
  });

  test('above the cap and nested beyond measure is shown as text', async () => {
    await replaceCaller({ mostResultCharacters: 1000 });
    const body = `{"data":{"deep":${'['.repeat(200_000)}1${']'.repeat(200_000)}}}`;
    crisp.answer = (_request, response) => json(response, 200, body);
    const { text, note } = await succeeds(call('get_single_crisp_website_by_id'));
    expect(text.toString().length).toBeLessThanOrEqual(1000);
    expect(() => JSON.parse(text.toString())).not.toThrow();
    expect(note).toContain('Cut, because it has');
  });

  test('above the cap with one long text has the text cut', async () => {
    await replaceCaller({ mostResultCharacters: 1000 });
    crisp.answer = (_request, response) => json(response, 200, { data: { title: 'T', notes: '"é'.repeat(2000) } });
    const { text, note } = await succeeds(call('get_single_crisp_website_by_id'));
    expect(text.toString().length).toBeLessThanOrEqual(1000);
    expect(JSON.parse(text.toString()).title).toBe('T');
    expect(note).toContain('notes has its first');
  });

  test('carries the limits that came with it', async () => {
    crisp.answer = (_request, response) =>
      json(response, 200, { data: {} }, { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '3' });
    expect((await succeeds(call('get_single_crisp_website_by_id'))).limits).toEqual({ limit: 100, remaining: 3 });
  });
});

describe('a failure of Crisp', () => {
  test.each([
    ['429 with seconds', 429, { 'retry-after': '30' }, 'Wait 30 seconds', 30],
    ['420 with a body that is not JSON', 420, { 'retry-after': '7', 'content-type': 'text/html' }, 'Wait 7 seconds', 7],
    ['429 without a delay is estimated', 429, {}, 'about 60 seconds (an estimate', 60],
  ])('%s is passed on at once and never repeated', async (_sentence, status, headers, words, seconds) => {
    crisp.answer = (_request, response) => json(response, status, '<h1>slow down</h1>', headers);
    for (const outcome of [fails(call('list_all_crisp_operators')), fails(call('create_a_crisp_message', NOTE))]) {
      expect(await outcome).toMatchObject({ code: 'rate_limited', upstreamStatus: status, retryAfterSeconds: seconds });
      expect((await outcome).message).toContain(words);
      expect((await outcome).message).toContain('Not executed');
    }
    expect(crisp.requests).toHaveLength(2);
  });

  test.each([
    [400, 'invalid_data', 'refused', "Crisp says: data should have required property '.origin'"],
    [401, 'invalid_session', 'refused', 'did not accept the credential'],
    [402, 'subscription_upgrade_required', 'refused', 'plan does not include'],
    [403, 'not_allowed', 'refused', 'may not do this'],
    [404, 'not_subscribed', 'not_found', 'not installed on the website'],
    [404, 'not_found', 'not_found', 'nothing with this id'],
    [409, 'people_exists', 'refused', 'exists already'],
    [418, 'unheard_of', 'refused', 'HTTP 418, unheard_of'],
    [423, 'quota_limit_exceeded', 'refused', 'quota'],
  ])('%s %s becomes a sentence with the remedy', async (status, reason, code, words) => {
    const data = status === 400 ? { message: "data should have required property '.origin'" } : {};
    crisp.answer = (_request, response) => json(response, status, { error: true, reason, data });
    const outcome = await fails(call('create_a_crisp_message', NOTE));
    expect(outcome).toMatchObject({ code, reason, upstreamStatus: status, message: expect.stringContaining(words) });
    expect(outcome.message).toContain('Nothing was changed');
  });

  test.each([
    [
      'a 502 page',
      (response: ServerResponse) => json(response, 502, '<html>bad gateway</html>', { 'content-type': 'text/html' }),
      'upstream_error',
      'Crisp failed (HTTP 502, not a JSON answer)',
    ],
    [
      'a 200 page',
      (response: ServerResponse) => json(response, 200, '<html>hello</html>'),
      'upstream_error',
      'it is not JSON',
    ],
    [
      'JSON that was cut off',
      (response: ServerResponse) => json(response, 200, '{"error":false,"data":[{"a":1},'),
      'upstream_error',
      'it was cut off',
    ],
    [
      'a redirect',
      (response: ServerResponse) => json(response, 302, '', { location: 'http://127.0.0.1:1/' }),
      'upstream_error',
      'not followed',
    ],
    [
      'a connection that breaks off',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"data":');
        setImmediate(() => response.destroy());
      },
      'upstream_unreachable',
      'broke off',
    ],
  ])('%s is told as what it is', async (_name, answer, code, words) => {
    crisp.answer = (_request, response) => answer(response);
    const read = await fails(call('get_single_crisp_website_by_id'));
    expect(read).toMatchObject({ code, message: expect.stringContaining(words) });
    const write = await fails(call('create_a_crisp_message', NOTE));
    if (code === 'upstream_unreachable')
      expect(write.message).toContain('may have been executed: check before repeating');
    expect(crisp.requests).toHaveLength(2);
  });

  test.each(['headers', 'body'])('no end of the %s within the time: a write may have been executed', async (stage) => {
    await replaceCaller({ wholeTimeoutMs: 100 });
    crisp.answer = (_request, response) => {
      if (stage === 'body') response.write('{"data":');
    };
    expect((await fails(call('get_single_crisp_website_by_id'))).message).toContain('Nothing was changed');
    const write = await fails(call('create_a_crisp_message', NOTE));
    expect(write).toMatchObject({ code: 'timed_out', message: expect.stringContaining('check before repeating') });
  });

  test('no head within its own time ends it before the whole time', async () => {
    const clock = new FakeClock();
    await replaceCaller({ clock, headersTimeoutMs: 1_000, wholeTimeoutMs: 30_000 });
    const arrived = new Promise<void>((resolve) => {
      crisp.answer = () => resolve();
    });
    const outcome = fails(call('create_a_crisp_message', NOTE));
    await arrived;
    clock.advance(1_000);
    expect(await outcome).toMatchObject({ code: 'timed_out', message: expect.stringContaining('check before') });
  });

  test('once the head is there only the whole time counts', async () => {
    const clock = new FakeClock();
    const options = { headersTimeoutMs: 1_000, wholeTimeoutMs: 30_000, largestBodyBytes: 64 * 2 ** 20 };
    await replaceCaller({ clock, ...options });
    const hasRead = new Promise<ServerResponse>((resolve) => {
      // More than any buffers between the two hold, so that the other side has read the beginning.
      crisp.answer = (_request, response) => response.write(' '.repeat(32 * 2 ** 20), () => resolve(response));
    });
    const outcome = succeeds(call('get_single_crisp_website_by_id'));
    const response = await hasRead;
    clock.advance(5_000);
    response.end('{"data":{"name":"Acme"}}');
    expect((await outcome).text.toString()).toBe('{"name":"Acme"}');
  });

  test('nobody listening: nothing was executed', async () => {
    const { origin } = crisp;
    await crisp.close();
    const outcome = await fails(call('create_a_crisp_message', NOTE, access({ apiUrl: origin })));
    expect(outcome).toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('Nothing was executed'),
    });
  });

  test('a server that hangs up before answering: a write may have been executed', async () => {
    const hangUp = createTcpServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => hangUp.listen(0, '127.0.0.1', resolve));
    const address = hangUp.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    await replaceCaller({ allowedOrigins: [origin] });
    const outcome = await fails(call('create_a_crisp_message', NOTE, access({ apiUrl: origin })));
    expect(outcome).toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('may have been executed'),
    });
    await new Promise((resolve) => hangUp.close(resolve));
  });

  test('a caller that has gone cancels the request', async () => {
    const abort = new AbortController();
    const closed = new Promise<void>((resolve) => {
      crisp.answer = (_request, response) => {
        response.once('close', resolve);
        abort.abort();
      };
    });
    expect(await fails(call('get_single_crisp_website_by_id', {}, access(), abort.signal))).toMatchObject({
      code: 'cancelled',
    });
    await closed;
  });

  test('a caller that had gone before sends nothing', async () => {
    expect(await fails(call('get_single_crisp_website_by_id', {}, access(), AbortSignal.abort()))).toMatchObject({
      code: 'cancelled',
    });
    expect(crisp.requests).toEqual([]);
  });
});

describe('helpdesk articles', () => {
  const place = { locale: 'en', path: 'orders/refunds.md' };
  const tree = (kind: string) => `/v1/website/${WEBSITE}/helpdesk/tree/${kind}/en/articles/orders/refunds.md`;

  test('are read with metadata and content', async () => {
    crisp.answer = (request, response) =>
      json(response, 200, { data: request.url.includes('/content/') ? { content: 'Text "é"' } : { title: 'T' } });
    const { text } = await succeeds(call('get_single_crisp_helpdesk_article_by_id', place));
    expect(JSON.parse(text.toString())).toEqual({ metadata: { title: 'T' }, content: 'Text "é"' });
  });

  test('are updated by as many requests as the fields need', async () => {
    const both = await succeeds(
      call('update_a_crisp_helpdesk_article_by_id', { ...place, title: 'T', content: 'C', featured: true }),
    );
    expect(both.text.toString()).toBe('{"changed":["content","metadata"]}');
    expect(both.note).toBe('Done.');
    expect(crisp.requests.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
      ['PUT', tree('content'), { content: 'C' }],
      ['PATCH', tree('metadata'), { title: 'T', state: { featured: true } }],
    ]);
    await succeeds(call('update_a_crisp_helpdesk_article_by_id', { ...place, content: 'C' }));
    expect(crisp.requests).toHaveLength(3);
  });

  test('report what was done when the second request fails', async () => {
    crisp.answer = (request, response) =>
      request.method === 'PUT'
        ? json(response, 200, { data: {} })
        : json(response, 403, { error: true, reason: 'not_allowed', data: {} });
    const outcome = await fails(call('update_a_crisp_helpdesk_article_by_id', { ...place, title: 'T', content: 'C' }));
    expect(outcome).toMatchObject({ code: 'refused', reason: 'not_allowed' });
    expect(outcome.message).toMatch(/^Partly done: content was changed, metadata was not\. /);
    expect(outcome.message).toContain('call again with only the fields of metadata');
  });

  test('are not touched further when the first request fails', async () => {
    crisp.answer = (_request, response) => json(response, 500, 'x');
    const outcome = await fails(call('update_a_crisp_helpdesk_article_by_id', { ...place, title: 'T', content: 'C' }));
    expect(outcome.message).not.toContain('Partly');
    expect(crisp.requests).toHaveLength(1);
  });

  test.each([
    ['crisp_helpdesk_articles_publish', true],
    ['crisp_helpdesk_articles_unpublish', false],
  ])('%s sets the state', async (tool, published) => {
    await succeeds(call(tool, place));
    expect(crisp.requests[0]).toMatchObject({ method: 'PATCH', url: tree('metadata') });
    expect(JSON.parse(crisp.requests[0]?.body ?? '')).toEqual({ state: { published } });
  });
});

test('a credential is in no failure and no log, even if Crisp repeats it', async () => {
  const lines: string[] = [];
  await replaceCaller({
    logger: createLogger({ name: 'test', level: 'debug', destination: { write: (line) => lines.push(line) } }),
    wholeTimeoutMs: 200,
  });
  const echo = (status: number) => (request: RecordedRequest, response: ServerResponse) =>
    json(response, status, {
      error: true,
      reason: 'invalid_data',
      data: { message: `you sent ${request.headers.authorization}, that is ${IDENTIFIER}:${KEY}` },
    });
  const outcomes: CallOutcome[] = [];
  for (const status of [400, 401, 403, 404, 429, 500]) {
    crisp.answer = echo(status);
    outcomes.push(await call('create_a_crisp_message', NOTE));
  }
  crisp.answer = () => undefined;
  outcomes.push(await call('create_a_crisp_message', NOTE));
  crisp.answer = (_request, response) => response.destroy();
  outcomes.push(await call('create_a_crisp_message', NOTE));
  outcomes.push(await call('list_all_crisp_campaigns'), await call('get_single_crisp_website_by_id', { key: KEY }));
  expect(outcomes.every(({ kind }) => kind === 'failure')).toBe(true);
  const everything = JSON.stringify(outcomes) + lines.join('');
  for (const secret of [KEY, IDENTIFIER, BASIC]) expect(everything).not.toContain(secret);
});
