import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { type McpBench, mcpBench } from './mcp-bench.ts';

const PLUGIN = 'c64f3595-adee-425a-8d3a-89d47f7ed6bb';

/** A conversation whose visitor is on the website. */
async function liveConversation(bench: McpBench): Promise<string> {
  const visitors = await bench.call('list_all_crisp_visitors');
  const session_id = String(member(visitors, 0, 'session_id'));
  await bench.call('crisp_conversations_initiate', { session_id });
  return session_id;
}

test('a visitor who has not written yet gets a conversation', async () => {
  await using bench = await mcpBench();
  const visitors = await bench.call('list_all_crisp_visitors');
  if (!Array.isArray(visitors)) throw new Error('expected a list');
  const session_id = visitors.flatMap((it: unknown) => (member(it, 'initiated') ? [] : member(it, 'session_id')))[0];
  expect(await bench.refusal('get_single_crisp_conversation_by_id', { session_id })).toContain('404');
  await bench.call('crisp_conversations_initiate', { session_id });
  expect(await bench.call('get_single_crisp_conversation_by_id', { session_id })).toMatchObject({
    availability: 'online',
  });
  const nobody = 'session_00000000-0000-4000-8000-000000000000';
  expect(await bench.refusal('crisp_conversations_initiate', { session_id: nobody })).toContain('404');
});

test('a call: ring, read, signal, hang up, gone', async () => {
  await using bench = await mcpBench();
  const session_id = await liveConversation(bench);
  const read = { session_id };
  expect(await bench.refusal('get_single_crisp_conversation_call_by_id', read)).toContain('404');
  const call_id = member(
    await bench.call('create_a_crisp_conversation_call', { session_id, mode: 'video' }),
    'call_id',
  );
  expect(await bench.call('get_single_crisp_conversation_call_by_id', read)).toEqual({ call_id });
  expect(await bench.refusal('create_a_crisp_conversation_call', read)).toContain('call_ongoing');
  await bench.call('crisp_calls_transmit_signaling', { session_id, call_id, type: 'sdp', payload: { sdp: 'v=0' } });
  await bench.call('delete_a_crisp_conversation_call', { session_id, call_id });
  expect(await bench.refusal('get_single_crisp_conversation_call_by_id', read)).toContain('404');
  expect(await bench.refusal('delete_a_crisp_conversation_call', { session_id, call_id })).toContain('404');
});

test('co-browsing: start, list without the token, assist, stop', async () => {
  await using bench = await mcpBench();
  const session_id = await liveConversation(bench);
  const sessions = () => bench.call('list_all_crisp_browsing_sessions', { session_id });
  await bench.call('create_a_crisp_browsing_session', { session_id });
  const shown = await sessions();
  const [secret] = bench.sandbox.state.conversation(session_id).browsing;
  expect(shown).toMatchObject([{ browsing_token: '[redacted]' }]);
  expect(JSON.stringify(shown)).not.toContain(secret?.browsing_token);

  const [browsing_id] = members(shown, 'browsing_id');
  const session = { session_id, browsing_id };
  await bench.call('crisp_browsing_sessions_assist', { ...session, action: 'click', click: { x: 3, y: 4 } });
  const wrong = await bench.refusal('crisp_browsing_sessions_assist', { ...session, action: 'click', mouse: { x: 3 } });
  expect(wrong).toContain('click');
  expect(wrong).toContain('mouse');
  await bench.call('crisp_browsing_sessions_send_action', { ...session, action: 'start' });
  await bench.call('crisp_browsing_sessions_send_action', { ...session, action: 'stop' });
  expect(await sessions()).toEqual([]);
  expect(await bench.refusal('crisp_browsing_sessions_send_action', { ...session, action: 'start' })).toContain('404');
});

test('a visitor who is away can neither be called nor watched', async () => {
  await using bench = await mcpBench();
  const session_id = member(await bench.call('create_a_crisp_conversation'), 'session_id');
  expect(await bench.refusal('create_a_crisp_conversation_call', { session_id })).toContain('visitor_offline');
  expect(await bench.refusal('create_a_crisp_browsing_session', { session_id })).toContain('visitor_offline');
});

test.each([
  ['crisp_widgets_press_button', { data: { id: 7 } }, 'website.deliverWidgetButtonActionForConversation'],
  ['crisp_widgets_fetch_data', { data: {} }, 'website.deliverWidgetDataFetchActionForConversation'],
  ['crisp_widgets_edit_data', { value: [1] }, 'website.deliverWidgetDataEditActionForConversation'],
])('%s answers with the number of an answer to come', async (tool, args, operation) => {
  await using bench = await mcpBench();
  const session_id = await liveConversation(bench);
  const widget = { session_id, plugin_id: PLUGIN, section_id: 'payments', item_id: 'balance' };
  const text = await bench.text(tool, { ...widget, ...args });
  expect(text).toContain('asynchronously');
  expect(text).toContain('correlation_id');
  expect(bench.sandbox.requests.at(-1)?.operation).toBe(operation);
});

test('a tool call is passed on', async () => {
  await using bench = await mcpBench();
  const session_id = await liveConversation(bench);
  await bench.call('crisp_conversations_request_tool_call', { session_id, command: 'list_tools' });
});
