import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { mcpBench } from './mcp-bench.ts';

test('visitors are counted, listed, found by token, and shown on a map', async () => {
  await using bench = await mcpBench();
  const all = await bench.call('list_all_crisp_visitors');
  expect(await bench.call('crisp_visitors_count')).toEqual({ count: 6, active: 4, limited: false });
  expect(all).toHaveLength(6);
  const [visitor] = bench.sandbox.state.main.visitors.values();
  if (visitor === undefined) throw new Error('the seed has no visitor');
  const { session_id, token, geolocation } = visitor;
  expect(members(all, 'session_id')).toContain(session_id);
  expect(await bench.call('crisp_visitors_resolve_token', { token_id: token })).toEqual({ session_id });
  expect(await bench.refusal('crisp_visitors_resolve_token', { token_id: 'nobody' })).toContain('404');

  expect(members(await bench.call('crisp_visitors_map'), 'visitors', 'count')).toEqual([2, 2, 2]);
  const { latitude, longitude } = geolocation.coordinates;
  const center = { center_latitude: latitude, center_longitude: longitude, center_radius: 50 };
  const near = await bench.call('crisp_visitors_map', center);
  expect(members(near, 'geolocation', 'city')).toEqual([geolocation.city]);
  expect(member(near, 0, 'visitors', 'sessions', 0, 'session_id')).toBe(session_id);
  expect(await bench.refusal('crisp_visitors_map', { center_radius: 50 })).toContain('center_latitude');
});

test('blocked visitors are counted by rule and let in again', async () => {
  await using bench = await mcpBench();
  const counts = await bench.call('crisp_blocked_visitors_count');
  expect(counts).toEqual({ rule: ['blocked_countries', 'blocked_ips'], blocked: 7 });
  const rule = { rule: 'blocked_ips' };
  expect(await bench.call('crisp_blocked_visitors_count_in_rule', rule)).toBe(4);
  await bench.call('crisp_blocked_visitors_clear', rule);
  expect(await bench.call('crisp_blocked_visitors_count_in_rule', rule)).toBe(0);
  expect(await bench.call('crisp_blocked_visitors_count')).toEqual({ rule: ['blocked_countries'], blocked: 3 });
});
