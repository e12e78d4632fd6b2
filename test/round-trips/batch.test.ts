import { expect, test } from 'vitest';
import type { Conversation } from '../../src/sandbox/website.ts';
import { type McpBench, mcpBench } from './mcp-bench.ts';

function firstTwo(bench: McpBench): readonly [Conversation, Conversation] {
  const [a, b] = bench.sandbox.state.main.conversations.values();
  if (a === undefined || b === undefined) throw new Error('the seed has no two conversations');
  return [a, b];
}

const OPERATOR = 'a4c32c68-be91-4e29-8a05-976e93abbe3f';
const INBOX = 'd42e8b3b-ea8f-4e79-a9f8-d0e467fc1c31';

test.each<[string, object, object]>([
  ['resolve', {}, { state: 'resolved' }],
  ['unresolve', {}, { state: 'unresolved' }],
  ['read', {}, { unread: { operator: 0 } }],
  ['unread', {}, { unread: { operator: expect.any(Number) } }],
  ['block', { blocked: true }, { is_blocked: true }],
  ['assign', { assigned: { user_id: OPERATOR } }, { assigned: { user_id: OPERATOR } }],
  ['assign', { assigned: null }, { assigned: null }],
  ['move', { inbox_id: INBOX }, { inbox_id: INBOX }],
  ['data', { data: { plan: 'pro' } }, { meta: { data: { plan: 'pro' } } }],
  ['segments', { segments: ['vip'] }, { meta: { segments: ['vip'] } }],
])('batch %s of two conversations with %j', async (name, args, shown) => {
  await using bench = await mcpBench();
  const sessions = firstTwo(bench).map(({ session_id }) => session_id);
  await bench.call(`crisp_conversations_batch_${name}`, { sessions, ...args });
  for (const session_id of sessions) {
    expect(await bench.call('get_single_crisp_conversation_by_id', { session_id })).toMatchObject(shown);
  }
});

test('a batch takes a whole inbox, and nothing but what it names', async () => {
  await using bench = await mcpBench();
  const { conversations, inboxes } = bench.sandbox.state.main;
  const [inbox_id] = inboxes.keys();
  const others = [...conversations.values()].filter((it) => it.inbox_id !== inbox_id).map((it) => it.session_id);
  await bench.call('crisp_conversations_batch_remove', { inbox_id });
  expect([...conversations.keys()]).toEqual(others);
  for (const args of [{}, { inbox_id: null }, { inbox_id, sessions: others }, { sessions: [] }]) {
    await bench.refusal('crisp_conversations_batch_remove', args);
    await bench.refusal('crisp_conversations_batch_resolve', args);
  }
  expect([...conversations.keys()]).toEqual(others);
  await bench.call('crisp_conversations_batch_report', { sessions: others.slice(0, 1), flag: 'spam' });
});

test('people: the same data and segments for many, found or named, and removed together', async () => {
  await using bench = await mcpBench();
  const { people } = bench.sandbox.state.main;
  const [a, b] = people.values();
  if (a === undefined || b === undefined) throw new Error('the seed has no two people');
  const profiles = [a.people_id, b.people_id];
  await bench.call('crisp_people_batch_data', { people: { profiles }, data: { plan: 'pro' } });
  expect([a.data.plan, b.data.plan]).toEqual(['pro', 'pro']);
  await bench.call('crisp_people_batch_segments', { people: { search: a.email }, segments: ['vip'] });
  expect([a.profile.segments, b.profile.segments]).not.toEqual([['vip'], ['vip']]);
  expect(a.profile.segments).toEqual(['vip']);
  await bench.call('crisp_people_batch_remove', { people: { profiles } });
  expect(people.size).toBe(58);
  expect(await bench.refusal('get_single_crisp_people_profile_by_id', { people_id: a.people_id })).toContain('404');
  expect(await bench.refusal('crisp_people_batch_remove', { people: {} })).toContain('profiles or search');
  expect(people.size).toBe(58);
});

test.each([
  ['crisp_conversations_batch_remove', { sessions: [] }, 'website.batchRemoveConversations'],
  ['crisp_people_batch_remove', { people: { profiles: [OPERATOR] } }, 'website.batchRemovePeople'],
  ['crisp_conversations_batch_data', { data: {} }, 'website.batchUpdateConversationsData'],
  ['crisp_people_batch_data', { people: { search: 'nobody' }, data: {} }, 'website.batchUpdatePeopleData'],
  ['crisp_conversations_batch_segments', { segments: [] }, 'website.batchUpdateConversationsSegments'],
  ['crisp_people_batch_segments', { people: { search: 'nobody' }, segments: [] }, 'website.batchUpdatePeopleSegments'],
])('%s is told from what shares its route', async (tool, args, operation) => {
  await using bench = await mcpBench();
  const sessions = [firstTwo(bench)[0].session_id];
  await bench.call(tool, 'people' in args ? args : { ...args, sessions });
  expect(bench.sandbox.requests.at(-1)?.operation).toBe(operation);
});
