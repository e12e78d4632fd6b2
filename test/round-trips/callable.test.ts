import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENTRIES } from '../../src/catalog/catalog.ts';
import type { CatalogEntry } from '../../src/catalog/entry.ts';
import type { Arguments } from '../../src/catalog/fields.ts';
import { drawnArguments } from '../catalog/drawn-arguments.ts';
import { REFERENCE } from '../catalog/reference.ts';
import { answerDifferences } from './answer-differences.ts';
import { knownArguments } from './known-things.ts';
import { type McpBench, mcpBench } from './mcp-bench.ts';

/**
 * Every tool can be called: a generated valid call of each goes through the gateway to the sandbox, which answers as the
 * reference says; a generated call with mistakes is refused before anything is sent, naming each.
 */
let bench: McpBench;
beforeAll(async () => {
  bench = await mcpBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** What takes away comes last, and what takes most away at the very end. */
const LAST = ['create_a_crisp_helpdesk', 'delete_a_crisp_helpdesk', 'delete_a_crisp_website'];
const rank = ({ tool }: CatalogEntry) =>
  LAST.includes(tool.name)
    ? 3
    : tool.class === 'delete' || tool.name.endsWith('_remove')
      ? 2
      : tool.effect === 'write'
        ? 1
        : 0;
const inOrder = [...ENTRIES].sort((a, b) => rank(a) - rank(b));

describe('a valid call of each tool is answered as the reference says', () => {
  test.each(inOrder.map((entry) => [entry.tool.name, entry] as const))('%s', (_name, entry) => callOnce(entry));
});

describe('a call with mistakes is refused before anything is sent, and names each', () => {
  test.each(ENTRIES.map((entry) => [entry.tool.name, entry] as const))('%s', async (name, entry) => {
    const required = Object.keys(entry.fields).filter((field) => entry.fields[field]?.required);
    bench.sandbox.forgetRequests();
    const refusal = await bench.refusal(name, { no_such_argument: 1, website_id: ['x'] });
    for (const field of [...required, 'no_such_argument', 'website_id']) expect(refusal).toContain(`- ${field}: `);
    expect(bench.sandbox.requests).toEqual([]);
  });
});

async function callOnce(entry: CatalogEntry): Promise<void> {
  const { name, operations } = entry.tool;
  const [drawn] = fc.sample(drawnArguments(entry), { numRuns: 1, seed: 7 });
  const args: Arguments = { ...drawn, ...(await knownArguments(bench, entry)) };
  bench.sandbox.forgetRequests();
  const text = await bench.text(name, args);
  expect(bench.sandbox.requests.map(({ operation }) => operation)).toEqual(expect.arrayContaining([operations[0]]));
  const [only] = operations;
  if (operations.length > 1 || only === undefined) return;
  const shape = REFERENCE.get(only)?.answer.data;
  const data: unknown = JSON.parse(text.slice(text.lastIndexOf('\n') + 1));
  expect(answerDifferences(shape, data)).toEqual([]);
}
