import { describe, expect, it } from 'vitest';
import { findCondition } from '../resources/conditions.ts';
import { Harness } from './operator-harness.ts';

describe('an applied server', () => {
  it('becomes Ready, with a URL in its Secret that the store knows', async () => {
    const h = new Harness();
    await h.credentials();
    const account = await h.account();
    await h.server('support', { tags: ['support'], expiresAt: '2026-01-02T00:00:00Z' });
    await h.start();

    const server = await h.getServer('support');
    expect(server?.status).toMatchObject({
      reason: 'Serving',
      tools: { count: 2, names: ['list_conversations', 'send_message'] },
      secretName: 'support-mcp',
      endpoint: 'https://mcp.example.com/mcp',
      expiresAt: '2026-01-02T00:00:00Z',
    });
    expect(findCondition(server?.status?.conditions, 'Ready')?.status).toBe('True');
    const token = await h.token('support-mcp');
    expect(await h.route(token)).toMatchObject({ state: 'live', accountUid: account.metadata.uid });
    expect((await h.accountRecord(account.metadata.uid ?? ''))?.credentials).toHaveLength(1);
    expect(JSON.stringify([server, h.events, h.writes])).not.toContain(token);
  });
});
