import { describe, expect, test } from 'vitest';
import { findEntry } from '../../src/catalog/catalog.ts';
import { pathFields } from '../../src/catalog/entry.ts';
import type { Arguments, Field } from '../../src/catalog/fields.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import { OPERATIONS } from '../../src/catalog/operations/index.ts';
import type { JsonValue } from '../../src/catalog/tool.ts';
import { buildRequest } from '../../src/crisp/request.ts';
import { validateArguments } from '../../src/crisp/validate.ts';
import { REFERENCE } from './reference.ts';
import { WEBSITE } from './row.ts';

/**
 * The requests that the official client's own examples send, reproduced: arguments are read back from each captured
 * request, must be valid for the tool, and give the same request again.
 */
const ARGUMENTS_OF_BODY: Readonly<Record<string, (body: Arguments) => Arguments>> = {
  'plugin.saveSubscriptionSettings': (body) => ({ settings: body }),
  'plugin.updateSubscriptionSettings': (body) => ({ settings: body }),
  'plugin.reportPluginUsageToBill': (body) => ({ usage: body }),
};

/** Examples of the reference that are wrong or differ for a reason; each has its note there. */
const NOT_REPRODUCED = [...REFERENCE].flatMap(([id, { exampleNote }]) => (exampleNote === undefined ? [] : [id]));

const examples = OPERATIONS.flatMap((operation) => {
  const example = REFERENCE.get(operation.id)?.example;
  return example === undefined ? [] : [[operation.id, operation, example] as const];
});

test('187 operations have an example, 7 of which are wrong in the reference', () => {
  expect(examples.length + NOT_REPRODUCED.length).toBe(187);
  expect(NOT_REPRODUCED.sort()).toEqual([
    'website.batchOrderInboxes',
    'website.batchRemovePeople',
    'website.deliverWidgetDataEditActionForConversation',
    'website.deliverWidgetDataFetchActionForConversation',
    'website.markMessagesDeliveredInConversation',
    'website.markMessagesReadInConversation',
    'website.updateCampaignTemplate',
  ]);
});

describe('the official example', () => {
  test.each(examples)('of %s', (id, operation, example) => {
    const url = new URL(example.url, 'http://crisp.test');
    const body = isArguments(example.body) ? example.body : undefined;
    const args = {
      ...fromPath(operation, url.pathname),
      ...fromQuery(operation, url.searchParams),
      ...(ARGUMENTS_OF_BODY[id] ?? same)(body ?? {}),
    };
    const entry = operation.tool === undefined ? undefined : findEntry(operation.tool.name);
    if (entry !== undefined) expect(validateArguments(entry, args)).toMatchObject({ kind: 'valid' });
    const request = buildRequest(operation, args, WEBSITE);
    const ours = new URL(request.path, 'http://crisp.test');
    expect(segments(ours)).toEqual(segments(url));
    expect([...ours.searchParams].sort(byName)).toEqual([...url.searchParams].sort(byName));
    expect(request.body === undefined ? null : JSON.parse(request.body)).toEqual(example.body ?? null);
  });
});

const same = (body: Arguments): Arguments => body;
const segments = (url: URL) => url.pathname.split('/').map(decodeURIComponent);
const byName = ([a]: readonly [string, string], [b]: readonly [string, string]) => (a < b ? -1 : 1);

function fromPath(operation: Operation, pathname: string): Arguments {
  const pattern = `/v1${operation.path}`.replaceAll('{path}', '(?<path>.+)').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  const found = new RegExp(`^${pattern}$`).exec(pathname)?.groups ?? {};
  const fields = pathFields(operation);
  return Object.fromEntries(
    Object.entries(found)
      .filter(([name]) => name !== 'website_id')
      .map(([name, value]) => [name, typed(fields[name], decodeURIComponent(value))]),
  );
}

function fromQuery(operation: Operation, query: URLSearchParams): Arguments {
  return Object.fromEntries([...query].map(([name, value]) => [name, typed(operation.query?.[name], value)]));
}

function typed(field: Field | undefined, text: string): JsonValue {
  const types = [field?.schema.type].flat();
  if (types.includes('boolean')) return text === '1';
  if (types.includes('integer') && !types.includes('string')) return Number(text);
  return types.includes('array') ? JSON.parse(text) : text;
}

function isArguments(value: unknown): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
