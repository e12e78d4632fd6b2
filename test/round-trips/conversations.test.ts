import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { type McpBench, mcpBench } from './mcp-bench.ts';

async function newConversation(bench: McpBench): Promise<string> {
  return String(member(await bench.call('create_a_crisp_conversation'), 'session_id'));
}

test('a conversation: create, read, change, delete', async () => {
  await using bench = await mcpBench();
  const session_id = await newConversation(bench);
  const read = () => bench.call('get_single_crisp_conversation_by_id', { session_id });
  expect(await bench.call('crisp_conversations_exists', { session_id })).toEqual({ exists: true });

  await bench.call('update_a_crisp_conversation_meta_by_id', { session_id, nickname: 'Nova', segments: ['vip'] });
  await bench.call('update_a_crisp_conversation_state_by_id', { session_id, state: 'resolved' });
  const user_id = member(await bench.call('list_all_crisp_operators'), 0, 'details', 'user_id');
  await bench.call('update_a_crisp_conversation_routing_by_id', { session_id, assigned: { user_id } });
  expect(await read()).toMatchObject({
    state: 'resolved',
    assigned: { user_id },
    meta: { nickname: 'Nova', segments: ['vip'] },
  });
  expect(await bench.call('get_single_crisp_conversation_state_by_id', { session_id })).toEqual({ state: 'resolved' });
  expect(await bench.call('get_single_crisp_conversation_routing_by_id', { session_id })).toEqual({
    assigned: { user_id },
  });
  const found = await bench.call('list_all_crisp_conversations', {
    include_empty: true,
    search_filter: [{ model: 'session', criterion: 'segments', operator: 'eq', query: ['vip'] }],
  });
  expect(members(found, 'session_id')).toContain(session_id);

  await bench.call('delete_a_crisp_conversation', { session_id });
  expect(await bench.call('crisp_conversations_exists', { session_id })).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_conversation_by_id', { session_id })).toContain('404');
});

test('a message: send, read, edit, mark, delete', async () => {
  await using bench = await mcpBench();
  const session_id = await newConversation(bench);
  await bench.call('create_a_crisp_message', { session_id, type: 'text', from: 'user', content: 'Hi' });
  const unread = async () => member(await bench.call('get_single_crisp_conversation_by_id', { session_id }), 'unread');
  expect(await unread()).toEqual({ operator: 1, visitor: 0 });
  await bench.call('crisp_conversations_mark_read', { session_id });
  expect(await unread()).toEqual({ operator: 0, visitor: 0 });
  await bench.call('crisp_conversations_mark_unread', { session_id });
  expect(await unread()).toEqual({ operator: 1, visitor: 0 });

  const sent = await bench.call('create_a_crisp_message', {
    session_id,
    type: 'text',
    content: 'Hello',
    origin: 'email',
    original: { type: 'text/html', content: '<p>Hello</p>' },
  });
  const message = { session_id, fingerprint: member(sent, 'fingerprint') };
  await bench.call('update_a_crisp_message_by_id', { ...message, content: 'Hello, Nova' });
  await bench.call('crisp_conversations_mark_delivered', { session_id, from: 'operator', origin: 'email' });
  const read = await bench.call('get_single_crisp_message_by_id', message);
  expect(read).toMatchObject({ content: 'Hello, Nova', edited: true, delivered: 'email' });
  const original_id = member(read, 'original', 'original_id');
  expect(await bench.call('get_single_crisp_original_message_by_id', { session_id, original_id })).toMatchObject({
    type: 'text/html',
    content: '<p>Hello</p>',
  });
  expect(members(await bench.call('list_all_crisp_messages', { session_id }), 'content')).toEqual([
    'Hi',
    'Hello, Nova',
  ]);

  await bench.call('delete_a_crisp_message', message);
  expect(await bench.refusal('get_single_crisp_message_by_id', message)).toContain('404');
});

test('inbox, participants, block and verification are changed and read', async () => {
  await using bench = await mcpBench();
  const session_id = await newConversation(bench);
  const inbox_id = member(await bench.call('list_all_crisp_inboxes'), 1, 'inbox_id');
  const conversation = () => bench.call('get_single_crisp_conversation_by_id', { session_id });
  await bench.call('update_a_crisp_conversation_inbox_by_id', { session_id, inbox_id });
  expect(await conversation()).toMatchObject({ inbox_id });
  await bench.call('update_a_crisp_conversation_inbox_by_id', { session_id, inbox_id: null });
  expect(await conversation()).toMatchObject({ inbox_id: null });

  const participants = [{ type: 'email', target: 'boss@example.com' }];
  await bench.call('update_a_crisp_participants_by_id', { session_id, participants });
  expect(await bench.call('list_all_crisp_participants', { session_id })).toEqual({ participants });

  await bench.call('update_a_crisp_conversation_block_by_id', { session_id, blocked: true });
  expect(await bench.call('get_single_crisp_conversation_block_by_id', { session_id })).toEqual({ blocked: true });
  await bench.call('update_a_crisp_conversation_open_state_by_id', { session_id, opened: true });
  expect(bench.sandbox.state.conversation(session_id).opened).toBe(true);
  expect(await bench.call('get_single_crisp_conversation_relations_by_id', { session_id })).toEqual({
    conversations: { parent: null, children: [] },
  });

  await bench.call('update_a_crisp_conversation_verify_by_id', { session_id, verified: true });
  const verification = () => bench.call('get_single_crisp_conversation_verify_by_id', { session_id });
  expect(await verification()).toEqual({ verified: true, verifications: [] });
  const identity = { session_id, identity: 'email' };
  await bench.call('crisp_conversations_request_verification', { ...identity, recipient: 'nova@example.com' });
  expect(await bench.refusal('crisp_conversations_redeem_verification', { ...identity, token: 'guess' })).toContain(
    'verification_not_found',
  );
  const [pending] = bench.sandbox.state.conversation(session_id).pendingVerifications;
  await bench.call('crisp_conversations_redeem_verification', { ...identity, token: pending?.token });
  expect(await verification()).toMatchObject({
    verified: true,
    verifications: [{ identity: 'email', method: 'link' }],
  });
});

test('a visitor is asked, told and written to, and reminders need a date', async () => {
  await using bench = await mcpBench();
  const session_id = await newConversation(bench);
  await bench.call('crisp_conversations_compose', { session_id, type: 'start', excerpt: 'He' });
  expect(await bench.call('get_single_crisp_conversation_by_id', { session_id })).toMatchObject({
    compose: { operator: { type: 'start', excerpt: 'He' } },
  });
  await bench.call('crisp_conversations_request_feedback', { session_id });
  await bench.call('crisp_conversations_send_transcript', { session_id, to: 'operator', email: 'mara@example.com' });
  expect(bench.sandbox.state.deliveries).toMatchObject([
    { channel: 'chat', to: session_id, what: 'feedback request' },
    { channel: 'email', to: 'mara@example.com', what: 'transcript' },
  ]);
  const reminder = { session_id, note: 'Call back' };
  expect(
    await bench.text('crisp_conversations_schedule_reminder', { ...reminder, date: '2026-12-01T09:00:00Z' }),
  ).toContain('Done');
  expect(await bench.refusal('crisp_conversations_schedule_reminder', { ...reminder, date: 'tomorrow' })).toContain(
    'date',
  );
  await bench.call('crisp_conversations_report', { session_id, flag: 'spam' });
  await bench.call('crisp_conversations_purge_chatbox', { session_id });
});

test('what a visitor saw, did and sent is listed', async () => {
  await using bench = await mcpBench();
  const [session_id = ''] = bench.sandbox.state.main.conversations.keys();
  expect(members(await bench.call('list_all_crisp_conversation_pages', { session_id }), 'page_title')).toEqual([
    'Boards',
    'Help',
  ]);
  expect(await bench.call('list_all_crisp_conversation_events', { session_id })).toEqual(
    bench.sandbox.state.conversation(session_id).events,
  );
  const content = { name: 'map.png', url: 'https://example.com/map.png', type: 'image/png' };
  await bench.call('create_a_crisp_message', { session_id, type: 'file', content });
  expect(await bench.call('list_all_crisp_conversation_files', { session_id })).toMatchObject([content]);
});

test.each([
  ['list_all_crisp_conversation_segments', 'segment', 'delete_a_crisp_conversation_segment'],
  ['list_all_crisp_conversation_data_keys', 'key', 'delete_a_crisp_conversation_data_key'],
])('%s: what is deleted is suggested no more', async (list, name, remove) => {
  await using bench = await mcpBench();
  const shown = async () => members(await bench.call(list), name);
  const [first, ...others] = await shown();
  await bench.call(remove, { [name]: first });
  expect(await shown()).toEqual(others);
  expect(await bench.refusal(remove, { [name]: first })).toContain('404');
});

test('spam is listed, read, accepted or rejected', async () => {
  await using bench = await mcpBench();
  const ids = async () => members(await bench.call('list_all_crisp_spam_conversations'), 'spam_id');
  const [first, second, ...others] = await ids();
  expect(await bench.call('get_single_crisp_spam_conversation_by_id', { spam_id: first })).toMatchObject({
    spam_id: first,
    content: { text: expect.any(String) },
  });
  const count = bench.sandbox.state.main.conversations.size;
  await bench.call('crisp_spam_conversations_decide', { spam_id: first, action: 'accept' });
  await bench.call('crisp_spam_conversations_decide', { spam_id: second, action: 'reject' });
  expect(bench.sandbox.state.main.conversations.size).toBe(count + 1);
  expect(await ids()).toEqual(others);
  expect(await bench.refusal('get_single_crisp_spam_conversation_by_id', { spam_id: first })).toContain('404');
  expect(await bench.refusal('crisp_spam_conversations_decide', { spam_id: others[0], action: 'maybe' })).toContain(
    'allowed values',
  );
});
