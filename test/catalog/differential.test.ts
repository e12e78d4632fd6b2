import { Crisp } from 'crisp-api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALL_TOOLS } from '../../src/catalog/catalog.ts';
import { pathFields } from '../../src/catalog/entry.ts';
import type { Arguments, Fields } from '../../src/catalog/fields.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import { OPERATIONS } from '../../src/catalog/operations/index.ts';
import { createCrispCaller } from '../../src/crisp/caller.ts';
import type { CrispCaller } from '../../src/crisp/outcome.ts';
import { buildRequest } from '../../src/crisp/request.ts';
import { type RecordedRequest, type ScriptedCrisp, startScriptedCrisp } from '../../src/crisp/scripted-crisp.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { validArguments } from './drawn-arguments.ts';
import { WEBSITE } from './row.ts';
import { ROWS } from './rows/index.ts';

/**
 * The official client and this program send the same request for the same arguments: method, path by decoded segments,
 * query as sorted pairs, body as JSON, and for tools of one request also authorization, tier and content type. One row an
 * operation says how the client takes them. Known differences, none of them in the requests compared here: reserved
 * characters in a path are percent-encoded and a way up is refused; a query the client cannot express is left out by
 * `without`; defaults of ours (`from: operator`, page 1) are passed to the client explicitly.
 */
const CREDENTIAL = { identifier: 'identifier-1', key: 'key-1' };
const RUNS = 20;

let crisp: ScriptedCrisp;
let caller: CrispCaller;
let official: Crisp;

beforeAll(async () => {
  crisp = await startScriptedCrisp();
  caller = createCrispCaller({ allowedOrigins: [crisp.origin], logger: silentLogger });
  official = new Crisp();
  official.setRestHost(crisp.origin);
});
beforeEach(() => {
  crisp.requests.length = 0;
});
afterAll(async () => {
  await caller.close();
  await crisp.close();
});

test('every operation has a row', () => {
  expect(Object.keys(ROWS).sort()).toEqual(OPERATIONS.map(({ id }) => id).sort());
});

describe('the official client sends the same request', () => {
  test.each(OPERATIONS.map((operation) => [operation.id, operation] as const))('%s', async (id, operation) => {
    const row = ROWS[id];
    if (row === undefined) throw new Error(`no row for ${id}`);
    const fields = { ...pathFields(operation), ...operation.query, ...operation.body };
    await fc.assert(
      fc.asyncProperty(validArguments(operation, fields, row.without ?? []), async (args) => {
        crisp.requests.length = 0;
        await callOfficial(operation, row.call({ ...defaults(fields), ...args }));
        const ours = await callOurs(operation, args);
        const [theirs] = crisp.requests;
        expect(comparable(ours)).toEqual(comparable(theirs, 'authorization' in ours.headers));
      }),
      { numRuns: RUNS },
    );
  });
});

async function callOfficial(operation: Operation, args: readonly unknown[]): Promise<void> {
  official.authenticateTier(tierOf(operation), CREDENTIAL.identifier, CREDENTIAL.key);
  const [service = '', name = ''] = operation.id.split('.');
  const owner: unknown = Reflect.get(official, service);
  const method: unknown = typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined;
  if (typeof method !== 'function') throw new Error(`the client has no ${operation.id}`);
  await Reflect.apply(method, owner, args);
}

/** Through the whole caller where one tool is one request, else what the request builder makes of it. */
async function callOurs(operation: Operation, args: Arguments): Promise<RecordedRequest> {
  const tool = ALL_TOOLS.find(({ name }) => name === operation.tool?.name);
  if (tool === undefined) {
    const { method, path, body = '' } = buildRequest(operation, args, WEBSITE);
    return { method, url: path, headers: {}, body };
  }
  const access = {
    websiteId: WEBSITE,
    apiUrl: crisp.origin,
    credentials: new Map([[tierOf(operation), CREDENTIAL]]),
  };
  const outcome = await caller.call(tool, args, access, new AbortController().signal);
  if (outcome.kind === 'failure') throw new Error(outcome.message);
  const sent = crisp.requests[1];
  if (sent === undefined) throw new Error('nothing was sent');
  return sent;
}

function tierOf(operation: Operation): 'plugin' | 'user' {
  return operation.tiers.includes('plugin') ? 'plugin' : 'user';
}

function comparable(request: RecordedRequest | undefined, withHeaders = true): object {
  if (request === undefined) return {};
  const url = new URL(request.url, 'http://crisp.test');
  const { authorization, 'x-crisp-tier': tier, 'content-type': type } = request.headers;
  return {
    method: request.method,
    segments: url.pathname.split('/').map(decodeURIComponent),
    query: [...url.searchParams].sort(([a], [b]) => (a < b ? -1 : 1)),
    ...(withHeaders && authorization !== undefined ? { authorization, tier, type } : {}),
    body: request.body === '' ? null : JSON.parse(request.body),
  };
}

function defaults(fields: Fields): Arguments {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { schema }]) =>
      schema.default === undefined ? [] : [[name, schema.default]],
    ),
  );
}
