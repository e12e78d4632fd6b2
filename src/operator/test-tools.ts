import type { Tool } from '../catalog/tool.ts';

/** For tests: a catalogue of three tools, one of which only the tier `user` can call. */
export const TEST_TOOLS: readonly Tool[] = [
  testTool('list_conversations', { tags: ['support'], effect: 'read', class: 'list' }),
  testTool('send_message', { tags: ['support'], effect: 'write', class: 'create' }),
  testTool('publish_article', { tags: ['helpdesk'], effect: 'write', class: 'custom', tiers: ['user'] }),
];

function testTool(name: string, fields: Partial<Tool>): Tool {
  return {
    name,
    title: name,
    description: name,
    inputSchema: { type: 'object' },
    annotations: { title: name, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    class: 'get',
    effect: 'read',
    tags: [],
    tiers: ['website', 'plugin', 'user'],
    operations: [],
    ...fields,
  };
}
