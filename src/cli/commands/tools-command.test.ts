import { describe, expect, test } from 'vitest';
import { ALL_TOOLS } from '../../catalog/catalog.ts';
import { chosenTools } from './tools-command.ts';

const names = (options: Parameters<typeof chosenTools>[0]) => chosenTools(options).map(({ name }) => name);

describe('crisp-mcp tools', () => {
  test('shows every tool when nothing is filtered, sensitive ones included', () => {
    expect(chosenTools({})).toBe(ALL_TOOLS);
  });

  test('shows what a server with this filter has', () => {
    expect(names({ only: ['*_campaign'], except: ['delete_*'] })).toEqual(['create_a_crisp_campaign']);
    expect(names({ methods: ['create'], tags: ['website'] })).toEqual([]);
    expect(names({ sensitive: ['delete_a_crisp_website'], only: ['get_single_crisp_website_by_id'] })).toEqual([
      'delete_a_crisp_website',
      'get_single_crisp_website_by_id',
    ]);
  });

  test('leaves out what no tier of the account can do', () => {
    expect(names({ only: ['create_a_crisp_campaign'], tier: ['website', 'plugin'] })).toEqual([]);
    expect(names({ only: ['create_a_crisp_campaign'], tier: ['user'] })).toEqual(['create_a_crisp_campaign']);
  });

  test.each([
    [{ sensitive: ['no_such_tool'] }, /no tool no_such_tool/],
    [{ sensitive: ['list_all_crisp_messages'] }, /not sensitive/],
    [{ tier: ['admin'] }, /no tier admin/],
    [{ tags: ['helpdesc'] }, /no tag "helpdesc".*helpdesk/],
  ])('says what is wrong with %j', (options, message) => {
    expect(() => chosenTools(options)).toThrow(message);
  });
});
