import { describe, expect, test } from 'vitest';
import { availableTo, matchesPattern, selectTools } from './filter.ts';
import type { Effect, MethodClass, Tool, ToolFilter } from './tool.ts';

function tool(name: string, overrides: Partial<Tool> = {}): Tool {
  const { class: methodClass = 'get', effect = 'read' }: { class?: MethodClass; effect?: Effect } = overrides;
  return {
    name,
    title: name,
    description: name,
    inputSchema: { type: 'object' },
    annotations: {
      title: name,
      readOnlyHint: effect === 'read',
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
    tags: ['support'],
    tiers: ['website', 'plugin', 'user'],
    operations: [],
    ...overrides,
    class: methodClass,
    effect,
  };
}

const TOOLS = [
  tool('list_things', { class: 'list' }),
  tool('get_thing'),
  tool('create_thing', { class: 'create', effect: 'write' }),
  tool('update_thing', { class: 'update', effect: 'write', tags: ['crm'] }),
  tool('delete_thing', { class: 'delete', effect: 'write', tags: ['crm', 'support'] }),
  tool('thing_publish', { class: 'custom', effect: 'write', tags: ['helpdesk'] }),
  tool('thing_analyse', { class: 'custom', effect: 'read', tags: ['helpdesk'] }),
  tool('delete_website', { class: 'delete', effect: 'write', sensitive: 'destroys', tags: ['website'] }),
  tool('get_key', { sensitive: 'a secret', tags: ['website'] }),
];

describe('the tools of a server', () => {
  test.each<[string, ToolFilter, string[]]>([
    [
      'without a filter are all but the sensitive ones',
      {},
      ['list_things', 'get_thing', 'create_thing', 'update_thing', 'delete_thing', 'thing_publish', 'thing_analyse'],
    ],
    [
      'with read are everything that only reads, custom reads too',
      { methods: ['read'] },
      ['list_things', 'get_thing', 'thing_analyse'],
    ],
    [
      'with write are create, update and delete',
      { methods: ['write'] },
      ['create_thing', 'update_thing', 'delete_thing'],
    ],
    ['with custom are the other writes', { methods: ['custom'] }, ['thing_publish']],
    ['with a class are those of the class', { methods: ['list', 'delete'] }, ['list_things', 'delete_thing']],
    [
      'with tags have one of them',
      { tags: ['crm', 'helpdesk'] },
      ['update_thing', 'delete_thing', 'thing_publish', 'thing_analyse'],
    ],
    ['with methods and tags satisfy both', { methods: ['read'], tags: ['helpdesk'] }, ['thing_analyse']],
    ['with only match a name or wildcard', { only: ['get_thing', 'list_*'] }, ['list_things', 'get_thing']],
    [
      'with only and methods satisfy both',
      { methods: ['write'], only: ['*_thing'] },
      ['create_thing', 'update_thing', 'delete_thing'],
    ],
    ['lose what except matches', { methods: ['write'], except: ['delete_*'] }, ['create_thing', 'update_thing']],
    [
      'gain a sensitive tool by its exact name',
      { methods: ['list'], sensitive: ['delete_website'] },
      ['list_things', 'delete_website'],
    ],
    [
      'never gain a sensitive tool by method, tag or only',
      { methods: ['read', 'write'], tags: ['website'], only: ['*', 'delete_website'] },
      [],
    ],
    [
      'never gain a sensitive tool by a wildcard in sensitive',
      { methods: ['list'], sensitive: ['*', 'delete_*'] },
      ['list_things'],
    ],
    ['gain nothing else by sensitive', { methods: ['list'], sensitive: ['create_thing'] }, ['list_things']],
    [
      'lose a sensitive tool to except',
      { methods: ['list'], sensitive: ['get_key'], except: ['get_*'] },
      ['list_things'],
    ],
    ['are none when nothing matches', { tags: ['unknown'] }, []],
  ])('%s', (_sentence, filter, expected) => {
    expect(selectTools(TOOLS, filter).map(({ name }) => name)).toEqual(expected);
  });
});

describe('a name pattern', () => {
  test.each([
    ['abc', 'abc', true],
    ['abc', 'ab', false],
    ['abc', '*', true],
    ['', '*', true],
    ['abc', 'a*', true],
    ['abc', '*c', true],
    ['abc', 'a*c', true],
    ['abc', 'a*b*c', true],
    ['abc', 'a*c*b', false],
    ['aba', 'ab*ba', false],
    ['abba', 'ab*ba', true],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['abcabc', '*bc*bc', true],
    ['abc', '**', true],
  ])('%s against %s is %s', (name, pattern, expected) => {
    expect(matchesPattern(name, pattern)).toBe(expected);
  });

  test('of many wildcards takes no time', () => {
    const started = performance.now();
    expect(matchesPattern('a'.repeat(45), `${'*a'.repeat(31)}*b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test('tools available to an account are those that accept one of its tiers', () => {
  const tools = [tool('open'), tool('user_only', { tiers: ['user'] }), tool('plugin_only', { tiers: ['plugin'] })];
  expect(availableTo(tools, ['website']).map(({ name }) => name)).toEqual(['open']);
  expect(availableTo(tools, ['plugin', 'user']).map(({ name }) => name)).toEqual(['open', 'user_only', 'plugin_only']);
  expect(availableTo(tools, [])).toEqual([]);
});
