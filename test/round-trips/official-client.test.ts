import { Crisp } from 'crisp-api';
import { expect, test } from 'vitest';
import { member } from '../../src/sandbox/testing.ts';
import { mcpBench } from './mcp-bench.ts';

test('what is written by MCP the official client reads, and the other way round', async () => {
  await using bench = await mcpBench();
  const { websiteId, credentials, url } = bench.sandbox;
  const official = new Crisp();
  official.setRestHost(url);
  official.authenticateTier('plugin', credentials.plugin.identifier, credentials.plugin.key);

  const session_id = String(member(await bench.call('create_a_crisp_conversation'), 'session_id'));
  await official.website.updateConversationMetas(websiteId, session_id, { nickname: 'Nova', segments: ['vip'] });
  expect(await bench.call('get_single_crisp_conversation_meta_by_id', { session_id })).toMatchObject({
    nickname: 'Nova',
    segments: ['vip'],
  });
  await bench.call('create_a_crisp_message', { session_id, type: 'note', content: 'Seen by both' });
  expect(await official.website.getMessagesInConversation(websiteId, session_id)).toMatchObject([
    { type: 'note', content: 'Seen by both' },
  ]);
  await official.website.removeConversation(websiteId, session_id);
  expect(await bench.refusal('get_single_crisp_conversation_by_id', { session_id })).toContain('404');
});
