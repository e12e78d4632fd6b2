import { describe, expect, test } from 'vitest';
import { ALL_TOOLS } from '../../src/catalog/catalog.ts';
import type { Fields } from '../../src/catalog/fields.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import { OPERATIONS } from '../../src/catalog/operations/index.ts';
import { SENSITIVE_OPERATIONS } from '../../src/catalog/sensitive.ts';
import { type Difference, membersDifferences } from './field-differences.ts';
import { REFERENCE, type ReferenceOperation } from './reference.ts';

/** The catalogue is complete, and says of each operation what Crisp's reference says: request, tiers, query, body. */
const DOCUMENTED_DIFFERENCES: Readonly<Record<string, string>> = {
  'website.listConversations search_type should be one of filter|segment|text': 'search_filter stands for filter',
  'website.listConversations search_filter is not in the reference':
    'the conditions of search_type filter, as a structure',
  'website.updateHelpdeskTreePath path is missing': 'the path of the route has this name; the new one is `to`',
  'website.updateHelpdeskTreePath to is not in the reference': 'path.to of the body',
  'website.updateWebsiteSettings website_id is missing': 'the website is the one that is served',
};

test('every current operation of the reference is in the catalogue, and no other', () => {
  expect(OPERATIONS.map(({ id }) => id).sort()).toEqual([...REFERENCE.keys()].sort());
});

test('every operation is performed by a tool', () => {
  const performed = new Set(ALL_TOOLS.flatMap((tool) => tool.operations));
  expect([...REFERENCE.keys()].filter((id) => !performed.has(id))).toEqual([]);
});

test('every sensitive operation exists', () => {
  expect(Object.keys(SENSITIVE_OPERATIONS).filter((id) => !REFERENCE.has(id))).toEqual([]);
});

describe.each(OPERATIONS.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  test('is the request, for the tiers, with the fields that the reference gives', () => {
    const reference = REFERENCE.get(id);
    if (reference === undefined) throw new Error('not in the reference');
    expect(`${operation.method} ${operation.path}`).toBe(reference.request);
    expect([...operation.tiers].sort()).toEqual(tiersOf(reference));
    const problems = differences(operation, reference).map(({ place, problem }) => `${id} ${place} ${problem}`);
    expect(problems.filter((each) => !Object.hasOwn(DOCUMENTED_DIFFERENCES, each))).toEqual([]);
  });
});

test('every documented difference is one', () => {
  const found = new Set(
    OPERATIONS.flatMap((operation) => {
      const reference = REFERENCE.get(operation.id);
      return reference === undefined
        ? []
        : differences(operation, reference).map(({ place, problem }) => `${operation.id} ${place} ${problem}`);
    }),
  );
  expect(Object.keys(DOCUMENTED_DIFFERENCES).filter((each) => !found.has(each))).toEqual([]);
});

/** What a plugin may do, a website token is presumed to be allowed; of unknown routes any tier is tried. */
function tiersOf({ tiers }: ReferenceOperation): readonly string[] {
  if (tiers === 'unknown' || (tiers.includes('user') && tiers.includes('plugin'))) return ['plugin', 'user', 'website'];
  return [...tiers].sort();
}

function differences(operation: Operation, reference: ReferenceOperation): readonly Difference[] {
  const { body } = reference;
  return [
    ...compared(reference.query ?? {}, operation.query),
    ...(body === 'any' ? [] : compared(body ?? {}, operation.body)),
  ];
}

function compared(shape: Parameters<typeof membersDifferences>[0], fields: Fields = {}): readonly Difference[] {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.schema]));
  const required = Object.entries(fields).flatMap(([name, field]) => (field.required ? [name] : []));
  return membersDifferences(shape, properties, new Set(required), '');
}
