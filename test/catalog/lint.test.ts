import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ALL_TOOLS, ENTRIES, findTool } from '../../src/catalog/catalog.ts';
import { pathParameters } from '../../src/catalog/entry.ts';
import { objectSchema } from '../../src/catalog/fields.ts';
import { selectTools } from '../../src/catalog/filter.ts';
import { OPERATIONS } from '../../src/catalog/operations/index.ts';
import { SENSITIVE_OPERATIONS } from '../../src/catalog/sensitive.ts';
import { TAGS } from '../../src/catalog/tags.ts';
import type { JsonSchema, JsonValue, Tool } from '../../src/catalog/tool.ts';
import { estimatedTokens, listedBytes, openPlaces } from '../../src/catalog/tool-facts.ts';
import { validateArguments } from '../../src/crisp/validate.ts';
import { REFERENCE, type Shape } from './reference.ts';

/** What holds for the catalogue as a whole: names that stay, words that are true, sizes that a model can afford. */
const tokens = (tools: readonly Tool[]) => estimatedTokens(tools.reduce((sum, tool) => sum + listedBytes(tool), 0));

describe('names stay', () => {
  const file = join(import.meta.dirname, '../fixtures/tool-names.json');
  const committed = z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));

  test('none that was published has vanished', () => {
    expect(committed.filter((name) => findTool(name) === undefined)).toEqual([]);
  });

  test('a new one is added to the committed list', () => {
    expect(ALL_TOOLS.map(({ name }) => name).filter((name) => !committed.includes(name))).toEqual([]);
  });
});

describe('a model can afford', () => {
  test.each([
    ['everything', 60_000, ALL_TOOLS],
    ['support', 15_000, selectTools(ALL_TOOLS, { tags: ['support'] })],
    ['reading for support', 7_000, selectTools(ALL_TOOLS, { methods: ['read'], tags: ['support'] })],
  ] as const)('%s: at most %i tokens', (_what, most, tools) => {
    expect(tokens(tools)).toBeLessThanOrEqual(most);
  });

  test('every single tool: at most 1,200 tokens', () => {
    expect(ALL_TOOLS.filter((tool) => tokens([tool]) > 1200).map(({ name }) => name)).toEqual([]);
  });

  test('descriptions: none over 2,048 characters, nine of ten under 400', () => {
    const lengths = ALL_TOOLS.map(({ description }) => description.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2048);
    expect(lengths.filter((length) => length > 400).length).toBeLessThanOrEqual(ALL_TOOLS.length / 10);
  });
});

describe('tags', () => {
  test.each(Object.keys(TAGS))('%s has tools', (tag) => {
    expect(ALL_TOOLS.filter((tool) => tool.tags.includes(tag)).length).toBeGreaterThan(0);
  });
});

/** Parameters of paths that choose rather than identify. */
const NO_IDENTIFIERS = ['page_number', 'content_type', 'action', 'rule'];

/** Arguments that are an identifier by name, of which no tool can say what it is. */
const CHOSEN_BY_CALLER: Readonly<Record<string, string>> = {
  'create_a_crisp_message fingerprint': 'a number of the caller',
  'create_a_crisp_plan_subscription plan_id': 'Crisp publishes no list of plans',
  'create_a_crisp_plugin_subscription plugin_id': 'of a plugin that is not installed yet: the Marketplace lists them',
  'crisp_visitors_resolve_token token_id': 'the chatbox hands it to the website',
  'crisp_widgets_edit_data section_id': 'the plugin defines it',
  'crisp_widgets_edit_data item_id': 'the plugin defines it',
  'crisp_widgets_fetch_data section_id': 'the plugin defines it',
  'crisp_widgets_fetch_data item_id': 'the plugin defines it',
  'crisp_widgets_press_button section_id': 'the plugin defines it',
  'crisp_widgets_press_button item_id': 'the plugin defines it',
  'list_all_crisp_animations list_id': 'a mark of the caller',
};

describe.each(ALL_TOOLS.map((tool) => [tool.name, tool] as const))('%s', (name, tool) => {
  test('says of each identifier which existing tool yields it', () => {
    const inPath = new Set(
      OPERATIONS.filter(({ id }) => tool.operations.includes(id))
        .flatMap(pathParameters)
        .filter((parameter) => !NO_IDENTIFIERS.includes(parameter)),
    );
    for (const [argument, schema] of members(tool.inputSchema)) {
      const identifies = (inPath.has(argument) && schema.enum === undefined) || /_ids?$|^fingerprints?$/.test(argument);
      if (!identifies || argument === 'website_id' || CHOSEN_BY_CALLER[`${name} ${argument}`] !== undefined) continue;
      const named = String(schema.description).match(/\b(list_all|get_single|create_a)?_?crisp_\w+/g) ?? [];
      expect(named.length, `${argument}: ${schema.description}`).toBeGreaterThan(0);
      for (const each of named) expect(findTool(each), each).toBeDefined();
    }
  });

  test('has only examples and defaults that fit', () => {
    for (const { place, schema, parent } of nodes(tool.inputSchema, '')) {
      for (const example of [...examplesIn(schema), ...(schema.default === undefined ? [] : [schema.default])]) {
        expect(problemsOf(schema, example), `${place}: ${JSON.stringify(example)}`).toEqual([]);
      }
      const listed = Array.isArray(parent.required) ? parent.required : [];
      for (const each of listed) expect(Object.keys(object(parent.properties)), place).toContain(each);
    }
  });

  test('leaves open only what the reference does, and cites it', () => {
    const open = nodes(tool.inputSchema, '').filter(({ schema }) => isOpen(schema));
    const cited = openPlaces(tool);
    expect(open.map(({ place }) => place).sort()).toEqual(cited.map(({ place }) => place).sort());
    const marked = tool.operations.flatMap((id) => openInReference(REFERENCE.get(id)?.body ?? {}));
    for (const { place, mark } of cited) {
      expect(mark.length).toBeGreaterThan(5);
      expect(
        marked.some((each) => each === '' || each === place),
        `${place} is described by the reference`,
      ).toBe(true);
    }
  });
});

/** One test an operation: neither methods nor tags nor a wildcard bring it in, its exact name does. */
describe.each(Object.entries(SENSITIVE_OPERATIONS))('%s is sensitive: %s', (id) => {
  test('only its exact name brings it into a server', () => {
    const tools = ALL_TOOLS.filter((tool) => tool.operations.includes(id));
    expect(tools.length).toBeGreaterThan(0);
    for (const tool of tools) {
      const has = (filter: Parameters<typeof selectTools>[1]) => selectTools(ALL_TOOLS, filter).includes(tool);
      expect(has({})).toBe(false);
      expect(has({ methods: ['read', 'write', 'custom', tool.class] })).toBe(false);
      expect(has({ tags: tool.tags })).toBe(false);
      expect(has({ only: ['*', tool.name] })).toBe(false);
      expect(has({ sensitive: ['*', `${tool.name}*`] })).toBe(false);
      expect(has({ sensitive: [tool.name] })).toBe(true);
      expect(has({ sensitive: [tool.name], except: [tool.name] })).toBe(false);
    }
  });
});

test('an update that replaces says so', () => {
  const puts = new Set(OPERATIONS.filter(({ method }) => method === 'PUT').map(({ id }) => id));
  const updates = ALL_TOOLS.filter((tool) => tool.class === 'update' && tool.operations.some((id) => puts.has(id)));
  expect(updates.length).toBeGreaterThan(5);
  expect(updates.filter(({ description }) => !/replace/i.test(description)).map(({ name }) => name)).toEqual([]);
});

test('a tool takes the least privileged tier that all its operations accept', () => {
  for (const { tool } of ENTRIES) {
    const operations = OPERATIONS.filter(({ id }) => tool.operations.includes(id));
    for (const tier of tool.tiers) expect(operations.every(({ tiers }) => tiers.includes(tier))).toBe(true);
    expect(tool.tiers.length, tool.name).toBeGreaterThan(0);
  }
});

interface Node {
  /** `date.days.*.hour_from`, `filter.[].query`. */
  readonly place: string;
  readonly schema: JsonSchema;
  readonly parent: JsonSchema;
}

function nodes(parent: JsonSchema, place: string): readonly Node[] {
  const below = (schema: JsonSchema, name: string): readonly Node[] => {
    const at = place === '' ? name : `${place}.${name}`;
    return [{ place: at, schema, parent }, ...nodes(schema, at)];
  };
  const inner = [
    ...members(parent).map(([name, schema]) => [name, schema] as const),
    ...(isSchema(parent.items) ? [['[]', parent.items] as const] : []),
    ...(isSchema(parent.additionalProperties) ? [['*', parent.additionalProperties] as const] : []),
  ];
  const alternatives = Array.isArray(parent.anyOf) ? parent.anyOf.filter(isSchema) : [];
  return [
    ...inner.flatMap(([name, schema]) => below(schema, name)),
    ...alternatives.flatMap((one) => nodes(one, place)),
  ];
}

/** Takes any value, or an object of any members, or a list of anything. */
function isOpen(schema: JsonSchema): boolean {
  if (schema.enum !== undefined || schema.anyOf !== undefined) return false;
  const types = [schema.type].flat();
  if (schema.type === undefined) return true;
  const openObject =
    types.includes('object') && schema.properties === undefined && !isSchema(schema.additionalProperties);
  return openObject || (types.includes('array') && !isSchema(schema.items));
}

function openInReference(shape: Shape, place = ''): readonly string[] {
  if (shape === 'any' || shape === 'object' || (typeof shape === 'string' && shape.split('|').includes('object'))) {
    return [place];
  }
  if (typeof shape !== 'object' || shape === null) return [];
  const inner = Array.isArray(shape) ? [['[]', shape[0] ?? 'any'] as const] : Object.entries(shape);
  return inner.flatMap(([key, each]) => {
    const name = key.replace(/!$/, '');
    return openInReference(each, place === '' ? name : `${place}.${name}`);
  });
}

/** What a description gives as an example: after "such as", or as JSON. */
function examplesIn({ description, type }: JsonSchema): readonly JsonValue[] {
  if (typeof description !== 'string') return [];
  const json = /\{ .* \}/.exec(description)?.[0];
  if (json !== undefined) return [JSON.parse(json)];
  const word = /[Ss]uch as ([^\s,;)]+)/.exec(description)?.[1]?.replace(/\.$/, '');
  return word === undefined || word.includes('…') || type !== 'string' ? [] : [word];
}

/** Problems of one value with one schema, by way of a tool that takes nothing else. */
function problemsOf(schema: JsonSchema, value: JsonValue): readonly unknown[] {
  const fields = { value: { schema, required: true } };
  const validation = validateArguments(
    {
      tool: { ...anyTool(), name: `lint ${JSON.stringify(schema)}`, inputSchema: objectSchema(fields) },
      fields,
      plan: () => [],
      check: () => [],
    },
    { value },
  );
  return validation.kind === 'valid' ? [] : validation.problems;
}

function anyTool(): Tool {
  const [first] = ALL_TOOLS;
  if (first === undefined) throw new Error('the catalogue is empty');
  return first;
}

function members(schema: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  return Object.entries(object(schema.properties)).flatMap(([name, each]) =>
    isSchema(each) ? [[name, each] as const] : [],
  );
}

function object(value: JsonValue | undefined): { readonly [key: string]: JsonValue } {
  return isSchema(value) ? value : {};
}

function isSchema(value: JsonValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
