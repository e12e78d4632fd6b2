import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { mcpBench } from './mcp-bench.ts';

test('an inbox: create, read, replace, order, delete', async () => {
  await using bench = await mcpBench();
  const conditions = [{ model: 'session', criterion: 'segments', operator: 'eq', query: ['vip'] }];
  const settings = { name: 'VIP', emoji: '⭐', operator: 'and', conditions };
  const inbox_id = member(await bench.call('create_a_crisp_inbox', settings), 'inbox_id');
  const read = () => bench.call('get_single_crisp_inbox_by_id', { inbox_id });
  expect(await read()).toMatchObject({ inbox_id, ...settings });
  expect(await bench.call('crisp_inboxes_exists', { inbox_id })).toEqual({ exists: true });

  await bench.call('update_a_crisp_inbox_by_id', { inbox_id, name: 'Very important' });
  expect(await read()).toMatchObject({ name: 'Very important', emoji: '', conditions: [] });
  await bench.call('crisp_inboxes_reorder', { orders: [{ inbox_id, order: -1 }] });
  expect(members(await bench.call('list_all_crisp_inboxes'), 'inbox_id')[0]).toBe(inbox_id);

  await bench.call('delete_a_crisp_inbox', { inbox_id });
  expect(await bench.call('crisp_inboxes_exists', { inbox_id })).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_inbox_by_id', { inbox_id })).toContain('404');
  expect(await bench.refusal('crisp_inboxes_reorder', { orders: [{ inbox_id, order: 0 }] })).toContain('404');
});

test('a deleted inbox gives its conversations back to the main one', async () => {
  await using bench = await mcpBench();
  const [inbox_id] = bench.sandbox.state.main.inboxes.keys();
  const inside = async () => bench.call('list_all_crisp_conversations', { filter_inbox_id: inbox_id });
  expect(await inside()).not.toEqual([]);
  await bench.call('delete_a_crisp_inbox', { inbox_id });
  expect(await inside()).toEqual([]);
});

test('a team: create, read, replace, delete', async () => {
  await using bench = await mcpBench();
  const operators = members(await bench.call('list_all_crisp_operators'), 'details', 'user_id').slice(0, 2);
  const team_id = member(await bench.call('create_a_crisp_team', { name: 'Night', operators }), 'team_id');
  const read = () => bench.call('get_single_crisp_team_by_id', { team_id });
  expect(await read()).toMatchObject({ team_id, name: 'Night', emoji: '', operators });
  expect(members(await bench.call('list_all_crisp_teams'), 'name')).toEqual(['First line', 'Night']);
  expect(await bench.call('crisp_teams_exists', { team_id })).toEqual({ exists: true });

  await bench.call('update_a_crisp_team_by_id', { team_id, name: 'Late' });
  expect(await read()).toMatchObject({ name: 'Late', operators: [] });
  await bench.call('delete_a_crisp_team', { team_id });
  expect(await bench.call('crisp_teams_exists', { team_id })).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_team_by_id', { team_id })).toContain('404');
});
