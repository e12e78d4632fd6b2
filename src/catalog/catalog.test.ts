import { describe, expect, test } from 'vitest';
import { ALL_TOOLS, findEntry, findTool } from './catalog.ts';
import { OPERATIONS } from './operations/index.ts';
import { SENSITIVE_OPERATIONS } from './sensitive.ts';
import type { JsonSchema, JsonValue } from './tool.ts';

/** What every tool must satisfy, so that no client drops it and a model can use it. */
const NAMES = new Set(ALL_TOOLS.map(({ name }) => name));

const SEED_NAMES = [
  'list_all_crisp_conversations',
  'get_single_crisp_conversation_by_id',
  'create_a_crisp_message',
  'list_all_crisp_messages',
  'list_all_crisp_helpdesk_articles',
  'update_a_crisp_helpdesk_article_by_id',
  'crisp_helpdesk_articles_unpublish',
  'create_a_crisp_campaign',
  'update_a_crisp_people_profile_by_id',
  'delete_a_crisp_website',
];

describe.each(ALL_TOOLS.map((tool) => [tool.name, tool] as const))('%s', (name, tool) => {
  test('has a name of at most 45 characters that tells its class', () => {
    expect(name).toMatch(/^[a-z][a-z0-9_]{0,44}$/);
    const form = {
      list: /^list_all_crisp_/,
      get: /^get_single_crisp_\w+_by_id$/,
      create: /^create_a_crisp_/,
      update: /^update_a_crisp_\w+_by_id$/,
      delete: /^delete_a_crisp_/,
      custom: /^crisp_/,
    }[tool.class];
    expect(name).toMatch(form);
  });

  test('has a plain closed object as its schema, of at most 16,384 bytes', () => {
    expect(tool.inputSchema.type).toBe('object');
    expect(tool.inputSchema.additionalProperties).toBe(false);
    for (const keyword of ['oneOf', 'anyOf', 'allOf', '$ref', 'if'])
      expect(tool.inputSchema).not.toHaveProperty(keyword);
    expect(JSON.stringify(tool.inputSchema)).not.toContain('$ref');
    expect(Buffer.byteLength(JSON.stringify(tool.inputSchema))).toBeLessThanOrEqual(16_384);
  });

  test('describes itself and every argument', () => {
    expect(tool.title.length).toBeGreaterThan(3);
    expect(tool.description.length).toBeGreaterThan(20);
    expect(tool.description.length).toBeLessThanOrEqual(500);
    for (const [argument, schema] of arguments_(tool.inputSchema)) {
      expect(schema.description, argument).toEqual(expect.any(String));
    }
  });

  test('takes website_id and does not need it', () => {
    expect(arguments_(tool.inputSchema).map(([argument]) => argument)).toContain('website_id');
    expect(tool.inputSchema.required ?? []).not.toContain('website_id');
  });

  test('names only tools that exist', () => {
    const text = JSON.stringify([tool.description, tool.inputSchema]);
    const named = text.match(/\b(list_all|get_single|create_a|update_a|delete_a)_crisp_\w+|\bcrisp_[a-z]+_\w+/g) ?? [];
    expect(named.filter((each) => !NAMES.has(each))).toEqual([]);
  });

  test('has all four hints, and they agree with its effect', () => {
    const { annotations } = tool;
    expect(annotations).toEqual({
      title: tool.title,
      readOnlyHint: tool.effect === 'read',
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: expect.any(Boolean),
    });
    if (tool.effect === 'read') expect(annotations.destructiveHint).toBe(false);
    if (tool.class === 'delete') expect(annotations.destructiveHint).toBe(true);
    if (tool.class === 'create') expect(annotations.idempotentHint).toBe(false);
  });

  test('is performed by known operations with a credential of some tier', () => {
    const known = new Set(OPERATIONS.map(({ id }) => id));
    expect(tool.operations.length).toBeGreaterThan(0);
    expect(tool.operations.filter((id) => !known.has(id))).toEqual([]);
    expect(tool.tiers.length).toBeGreaterThan(0);
    expect(tool.tags.length).toBeGreaterThan(0);
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(tool)).toBe(true);
    expect(Object.isFrozen(tool.inputSchema.properties)).toBe(true);
  });
});

test('the tools of the first slice have their names', () => {
  expect(SEED_NAMES.filter((name) => !NAMES.has(name))).toEqual([]);
});

test('names and descriptions are unique and the order is by name', () => {
  expect(NAMES.size).toBe(ALL_TOOLS.length);
  expect(new Set(ALL_TOOLS.map(({ description }) => description)).size).toBe(ALL_TOOLS.length);
  expect(ALL_TOOLS.map(({ name }) => name)).toEqual([...NAMES].sort());
});

test('operations have unique ids', () => {
  expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length);
});

test('what does not stay on the one website is sensitive', () => {
  const elsewhere = OPERATIONS.filter(({ path }) => !path.includes('{website_id}')).map(({ id }) => id);
  expect(elsewhere.filter((id) => !Object.hasOwn(SENSITIVE_OPERATIONS, id))).toEqual([]);
});

test('a tool is sensitive when and because an operation of it is', () => {
  for (const tool of ALL_TOOLS) {
    const reasons = tool.operations.flatMap((id) => SENSITIVE_OPERATIONS[id] ?? []);
    expect(tool.sensitive, tool.name).toBe(reasons[0]);
  }
  expect(findTool('delete_a_crisp_website')).toMatchObject({ sensitive: 'destroys a website', tiers: ['user'] });
});

test('replacing and merging a person are different tools', () => {
  expect(findTool('update_a_crisp_people_profile_by_id')?.operations).toEqual(['website.savePeopleProfile']);
  expect(findTool('update_a_crisp_people_profile_fields_by_id')?.operations).toEqual(['website.updatePeopleProfile']);
});

test('an unknown name finds nothing, not even one of Object', () => {
  expect(findTool('constructor')).toBeUndefined();
  expect(findEntry('__proto__')).toBeUndefined();
});

function arguments_(schema: JsonSchema): (readonly [string, JsonSchema])[] {
  return Object.entries(isSchema(schema.properties) ? schema.properties : {}).flatMap(([name, each]) =>
    isSchema(each) ? [[name, each] as const] : [],
  );
}

function isSchema(value: JsonValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
