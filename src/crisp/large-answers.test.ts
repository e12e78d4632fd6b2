import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTool } from '../catalog/catalog.ts';
import { systemClock } from '../process/clock.ts';
import { Deadlines } from '../process/deadlines.ts';
import { silentLogger } from '../process/logger.ts';
import { type CrispCallerOptions, createCrispCaller } from './caller.ts';
import { exchange } from './exchange.ts';
import type { CallOutcome, CrispCaller } from './outcome.ts';
import { json, type ScriptedCrisp, startScriptedCrisp } from './scripted-crisp.ts';
import { Pool } from './undici-pool.ts';

const MIB = 1024 * 1024;
const ITEM = `{"id":1,"text":"${'漢字 '.repeat(100)}"},`;
const HEAD = '{"error":false,"reason":"listed","data":[';
const WRITE = { session_id: 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881', type: 'note', content: 'x' };

let crisp: ScriptedCrisp;
let caller: CrispCaller;

beforeEach(async () => {
  crisp = await startScriptedCrisp();
  use({});
});
afterEach(async () => {
  await caller.close();
  await crisp.close();
});

function use(options: Partial<CrispCallerOptions>): void {
  caller = createCrispCaller({ allowedOrigins: [crisp.origin], logger: silentLogger, ...options });
}

function call(name: string, args: unknown = {}): Promise<CallOutcome> {
  const tool = findTool(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const access = {
    websiteId: '8c842203-7ed8-4e29-a608-7cf78a7d2fcc',
    apiUrl: crisp.origin,
    credentials: new Map([['plugin', { identifier: 'identifier', key: 'key-94d1e7b35c' }] as const]),
  };
  return caller.call(tool, args, access, new AbortController().signal);
}

const list = () => call('list_all_crisp_conversations');

async function succeeds(outcome: Promise<CallOutcome>) {
  const settled = await outcome;
  if (settled.kind !== 'success') throw new Error(`expected success: ${settled.message}`);
  const text = settled.text.toString('utf8');
  expect(text.length).toBeLessThanOrEqual(100_000);
  return { ...settled, text, data: JSON.parse(text), note: settled.note ?? '' };
}

/** Writes `piece` as often as it is taken until there are so many bytes or nobody reads any more. */
async function pour(response: ServerResponse, piece: string, bytes: number): Promise<void> {
  let written = 0;
  const gone = once(response, 'close');
  while (written < bytes && !response.destroyed) {
    written += Buffer.byteLength(piece);
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), gone]);
  }
}

function begin(response: ServerResponse, headers: Record<string, string | number> = {}, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
}

describe('an answer above 4 MiB', () => {
  test('is cut between two items and says so', async () => {
    crisp.answer = async (_request, response) => {
      begin(response);
      response.write(HEAD);
      await pour(response, ITEM, 10 * MIB);
      response.end(`${ITEM.slice(0, -1)}]}`);
    };
    const { text, data, note, truncated, upstreamStatus } = await succeeds(list());
    expect(text.length).toBeGreaterThan(99_000);
    for (const item of data) expect(`${JSON.stringify(item)},`).toBe(ITEM);
    expect([truncated, upstreamStatus]).toEqual([true, 200]);
    expect(note).toMatch(
      /^Cut, because the answer has more than 4\d{6} bytes and only its beginning was read: the result has its first \d+ of an unknown number of items\. To get the rest, /,
    );
  });

  test('that never ends is stopped, and the calls behind it are made', async () => {
    await caller.close();
    use({ connections: 1 });
    const stopped = new Promise<void>((resolve) => {
      crisp.answer = async (request, response) => {
        if (!request.url.includes('/conversations/')) return json(response, 200, { data: { id: 1 } });
        begin(response);
        response.write(HEAD);
        await pour(response, ITEM, Number.POSITIVE_INFINITY);
        resolve();
      };
    });
    const waiting = [list(), ...Array.from({ length: 5 }, () => call('get_single_crisp_website_by_id'))];
    const [large, ...others] = await Promise.all(waiting.map(succeeds));
    await stopped;
    expect(large?.truncated).toBe(true);
    expect(others.map(({ text, truncated }) => [text, truncated])).toEqual(Array(5).fill(['{"id":1}', undefined]));
  });

  test('that says so is read no further than needed, and told by its own length', async () => {
    crisp.answer = async (_request, response) => {
      begin(response, { 'content-length': 10 * MIB });
      response.write(HEAD);
      await pour(response, ITEM, MIB);
    };
    const { note, data } = await succeeds(list());
    expect(note).toContain('the answer has 10485760 bytes and only its beginning was read');
    expect(data.length).toBeGreaterThan(100);
  });

  test('of a write is a success that is not to be repeated', async () => {
    crisp.answer = async (_request, response) => {
      begin(response, {}, 201);
      response.write('{"error":false,"data":{"fingerprint":5,"content":"');
      await pour(response, 'ab\\n'.repeat(10_001), 10 * MIB);
    };
    const { data, note, upstreamStatus } = await succeeds(call('create_a_crisp_message', WRITE));
    expect([data.fingerprint, upstreamStatus]).toEqual([5, 201]);
    expect(data.content).toMatch(/^(ab\n){10000,}a?b?$/);
    expect(note).toContain('says that the change was accepted. To get the rest, do not repeat the call');
    expect(crisp.requests).toHaveLength(1);
  });

  test('in one part of a composite leaves the other whole', async () => {
    crisp.answer = async (request, response) => {
      if (!request.url.includes('/content/')) return json(response, 200, { data: { title: 'T' } });
      begin(response);
      response.write('{"data":{"content":"');
      await pour(response, 'é'.repeat(10_001), 10 * MIB);
    };
    const read = call('get_single_crisp_helpdesk_article_by_id', { locale: 'en', path: 'a.md' });
    const { data, truncated, note } = await succeeds(read);
    expect(data).toEqual({ metadata: { title: 'T' }, content: expect.stringMatching(/^é{49000,}$/) });
    expect(truncated).toBe(true);
    expect(note).toContain('To get the rest, open the public page of the article');
  });

  test('of a composite write is nothing that could be shown', async () => {
    crisp.answer = async (_request, response) => {
      begin(response);
      response.write(HEAD);
      await pour(response, ITEM, 10 * MIB);
    };
    const change = { locale: 'en', path: 'a.md', title: 'T', content: 'C' };
    const { data, note, truncated } = await succeeds(call('update_a_crisp_helpdesk_article_by_id', change));
    expect([data, note, truncated]).toEqual([{ changed: ['content', 'metadata'] }, '', undefined]);
  });

  test('that is not JSON is text', async () => {
    crisp.answer = async (_request, response) => {
      begin(response, { 'content-type': 'text/plain' });
      await pour(response, 'plain é '.repeat(1_001), 10 * MIB);
    };
    const { data, note } = await succeeds(list());
    expect(data).toMatch(/^(plain é ){12000}/);
    expect(note).toContain('it is not JSON');
  });

  test.each([
    [429, { 'retry-after': '30' }, { code: 'rate_limited', retryAfterSeconds: 30 }],
    [503, {}, { code: 'upstream_error' }],
    [404, {}, { code: 'not_found' }],
    [403, {}, { code: 'refused' }],
  ])('with status %i is the failure that it says', async (status, headers, expected) => {
    crisp.answer = async (_request, response) => {
      begin(response, headers, status);
      await pour(response, ITEM, 10 * MIB);
    };
    expect(await list()).toMatchObject({ kind: 'failure', upstreamStatus: status, ...expected });
    expect(await call('create_a_crisp_message', WRITE)).toMatchObject({ kind: 'failure', ...expected });
  });

  test('that is a refusal has the reason that its beginning shows', async () => {
    crisp.answer = async (_request, response) => {
      begin(response, {}, 403);
      response.write('{"error":true,"reason":"not_subscribed","data":{"given":[');
      await pour(response, ITEM, 10 * MIB);
    };
    expect(await list()).toMatchObject({
      kind: 'failure',
      reason: 'not_subscribed',
      message: expect.stringContaining('is not installed on the website'),
    });
  });
});

describe('an answer that lies of its length', () => {
  test('by too much, and breaks off, has broken off', async () => {
    crisp.answer = (_request, response) => {
      begin(response, { 'content-length': 10 * MIB });
      response.write(HEAD + ITEM);
      setImmediate(() => response.destroy());
    };
    expect(await list()).toMatchObject({ kind: 'failure', code: 'upstream_unreachable' });
  });

  test('by too little is not passed on, and the next call is made', async () => {
    crisp.answer = async (_request, response) => {
      begin(response, { 'content-length': 1_000 });
      response.write(HEAD);
      await pour(response, ITEM, 10 * MIB);
    };
    expect(await list()).toMatchObject({ kind: 'failure', message: expect.stringContaining('it was cut off') });
    crisp.answer = (_request, response) => json(response, 200, { data: [] });
    expect((await succeeds(list())).data).toEqual([]);
  });
});

describe('an answer that is not there in time', () => {
  test.each([
    [500_000, 'is cut where more has come than is shown'],
    [50_000, 'is given up where less has'],
  ])('after %i bytes %s', async (bytes) => {
    await caller.close();
    use({ wholeTimeoutMs: 1_000, mostResultCharacters: 10_000 });
    crisp.answer = async (_request, response) => {
      begin(response);
      response.write(HEAD);
      await pour(response, ITEM, bytes);
    };
    if (bytes === 50_000) expect(await list()).toMatchObject({ kind: 'failure', code: 'timed_out' });
    else expect((await succeeds(list())).note).toMatch(/has more than 50\d{4} bytes and only its beginning was read/);
  });
});

test('of a body that is too large no more is kept than its beginning', async () => {
  crisp.answer = (_request, response) => {
    begin(response);
    void pour(response, ITEM, 10 * MIB);
  };
  const pool = new Pool(crisp.origin);
  const deadlines = new Deadlines(systemClock);
  const result = await exchange({
    pool,
    request: { method: 'GET', path: '/' },
    headers: [],
    limits: { headersMs: 10_000, wholeMs: 10_000, bodyBytes: MIB, beginningBytes: 100_001 },
    signal: new AbortController().signal,
    clock: systemClock,
    deadlines,
  });
  await pool.destroy();
  deadlines.close();
  if (result.kind !== 'answer') throw new Error(result.cause);
  expect(result.body.equals(Buffer.from(ITEM.repeat(200)).subarray(0, 100_001))).toBe(true);
  expect(result.incomplete?.isTotal).toBe(false);
  expect(result.incomplete?.bytes).toBeGreaterThan(MIB);
  expect(result.incomplete?.bytes).toBeLessThan(1.2 * MIB);
});
