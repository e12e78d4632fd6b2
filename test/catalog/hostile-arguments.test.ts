import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_TOOLS, ENTRIES } from '../../src/catalog/catalog.ts';
import { pathParameters } from '../../src/catalog/entry.ts';
import type { Arguments, Fields } from '../../src/catalog/fields.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import { OPERATIONS } from '../../src/catalog/operations/index.ts';
import type { JsonValue } from '../../src/catalog/tool.ts';
import { createCrispCaller } from '../../src/crisp/caller.ts';
import type { CrispCaller } from '../../src/crisp/outcome.ts';
import { buildRequest, type CrispRequest } from '../../src/crisp/request.ts';
import { type ScriptedCrisp, startScriptedCrisp } from '../../src/crisp/scripted-crisp.ts';
import { UnsafePathError } from '../../src/crisp/segment.ts';
import { validateArguments } from '../../src/crisp/validate.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { drawnArguments } from './drawn-arguments.ts';
import { WEBSITE } from './row.ts';

/**
 * Whatever the arguments, a request stays in the path that its template describes and on the website of the account, and
 * what was not meant as a member of the body or the query does not become one.
 */
const OTHER_WEBSITE = '00000000-1111-4222-8333-444444444444';
const RUNS = 50;

const PIECES = fc.constantFrom(
  '/',
  '\\',
  '..',
  '.',
  '%2e%2e',
  '%2F',
  '%5c',
  '?',
  '#',
  '&',
  '=',
  ';',
  '@',
  ':',
  '\0',
  '\r\n',
  '\t',
  ' ',
  'é',
  '你',
  '🦊',
  '\u202e',
  '\ud800',
  '{website_id}',
  OTHER_WEBSITE,
  'a',
  'X-Crisp-Tier: user',
);
const HOSTILE: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 8, arbitrary: fc.array(PIECES, { maxLength: 6 }).map((pieces) => pieces.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme-composite', maxLength: 20 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '../../oops',
      '..%2f..',
      'a/../../b',
      'a//b',
      './a',
      'a/.',
      '//evil.example',
      'https://evil.example',
      '',
      'a'.repeat(10_240),
      '/v1/website',
      '__proto__',
      'constructor',
      '%',
      '%00',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<JsonValue>(null, true, -1, 1e21, [], ['..'], { toString: 1 }, [['a']]) },
);

describe('a request of hostile arguments leaves nothing of its template', () => {
  test.each(OPERATIONS.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
    const inPath = pathParameters(operation);
    const names = [
      ...inPath,
      ...Object.keys(operation.query ?? {}),
      ...Object.keys(operation.body ?? {}),
      'website_id',
    ];
    const args = fc.record(Object.fromEntries(names.map((name) => [name, HOSTILE])), { requiredKeys: [...inPath] });
    fc.assert(
      fc.property(args, (given) => {
        const request = built(operation, given);
        if (request !== undefined) staysInTemplate(operation, request, given);
      }),
      { numRuns: RUNS },
    );
  });
});

test('names of Object.prototype are no arguments of any tool', () => {
  for (const entry of ENTRIES) {
    for (const json of [
      '{"__proto__":{"path":"x"}}',
      '{"constructor":1}',
      '{"toString":"x"}',
      '{"hasOwnProperty":1}',
    ]) {
      const validation = validateArguments(entry, JSON.parse(json));
      expect(validation, entry.tool.name).toMatchObject({ kind: 'invalid' });
    }
  }
});

describe('without a sensitive tool nothing leaves for another website', () => {
  let crisp: ScriptedCrisp;
  let caller: CrispCaller;
  beforeAll(async () => {
    crisp = await startScriptedCrisp();
    caller = createCrispCaller({ allowedOrigins: [crisp.origin], logger: silentLogger });
  });
  afterAll(async () => {
    await caller.close();
    await crisp.close();
  });

  const harmless = ENTRIES.filter(({ tool }) => tool.sensitive === undefined);
  const call = (name: string, args: unknown) => {
    const tool = ALL_TOOLS.find((each) => each.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const credential = { identifier: 'identifier-1', key: 'key-1' };
    const credentials = new Map([...tool.tiers].map((tier) => [tier, credential]));
    const access = { websiteId: WEBSITE, apiUrl: crisp.origin, credentials };
    return caller.call(tool, args, access, new AbortController().signal);
  };

  test.each(harmless.map((entry) => [entry.tool.name, entry] as const))('%s', async (name, entry) => {
    const valid = fc.sample(drawnArguments(entry), { numRuns: 3, seed: 1 });
    crisp.requests.length = 0;
    for (const args of valid) {
      const refused = await call(name, { ...args, website_id: OTHER_WEBSITE });
      expect(refused).toMatchObject({ kind: 'failure', code: 'other_website' });
      for (const website_id of [[OTHER_WEBSITE], { id: OTHER_WEBSITE }, 7]) await call(name, { ...args, website_id });
    }
    expect(crisp.requests).toEqual([]);
    for (const args of valid) await call(name, { ...args, website_id: WEBSITE });
    await call(name, withHostilePath(entry.fields, valid[0] ?? {}));
    for (const { url } of crisp.requests) {
      const sent = segments(new URL(url, 'http://crisp.test').pathname);
      expect(sent).toContain(WEBSITE);
      expect(sent).not.toContain(OTHER_WEBSITE);
    }
    expect(crisp.requests.length).toBeGreaterThan(0);
  });
});

function withHostilePath(fields: Fields, args: Arguments): Arguments {
  const strings = Object.keys(fields).filter((name) => fields[name]?.required && typeof args[name] === 'string');
  return { ...args, ...Object.fromEntries(strings.map((name) => [name, `../../${OTHER_WEBSITE}`])) };
}

function built(operation: Operation, args: Arguments): CrispRequest | undefined {
  try {
    return buildRequest(operation, args, WEBSITE);
  } catch (error) {
    if (error instanceof UnsafePathError) return undefined;
    throw error;
  }
}

function staysInTemplate(operation: Operation, request: CrispRequest, args: Arguments): void {
  expect(request.path).toMatch(/^\/v1\/[!-~]*$/);
  const [pathname = ''] = request.path.split('?');
  const url = new URL(request.path, 'http://crisp.test');
  expect(url.origin).toBe('http://crisp.test');
  expect(url.pathname).toBe(pathname);
  expect(url.hash).toBe('');
  const template = `/v1${operation.path}`.split('/');
  const sent = pathname.split('/');
  const tree = template.at(-1) === '{path}';
  if (tree) expect(sent.length).toBeGreaterThanOrEqual(template.length);
  else expect(sent.length).toBe(template.length);
  for (const [index, part] of template.entries()) {
    if (part === '{website_id}') expect(sent[index]).toBe(WEBSITE);
    else if (!part.startsWith('{')) expect(sent[index]).toBe(part);
    else if (part !== '{path}') {
      const given = args[part.slice(1, -1)] ?? null;
      if (given !== null) expect(decodeURIComponent(sent[index] ?? '')).toBe(String(given));
    }
  }
  for (const segment of sent.slice(1)) expect(['', '.', '..']).not.toContain(decodeURIComponent(segment));
  const known = operation.toQuery === undefined ? Object.keys(operation.query ?? {}) : undefined;
  if (known !== undefined) for (const name of url.searchParams.keys()) expect(known).toContain(name);
  if (request.body !== undefined && operation.toBody === undefined) {
    expect(Object.keys(operation.body ?? {})).toEqual(expect.arrayContaining(Object.keys(JSON.parse(request.body))));
  }
}

const segments = (pathname: string) => pathname.split('/').map(decodeURIComponent);
