import { describe, expect, test } from 'vitest';
import type { ConditionState } from '../../resources/conditions.ts';
import { mergeConditions } from '../../resources/conditions.ts';
import type { CrispMcpServer } from '../../resources/crisp-mcp-server.ts';
import { announcementLine, announcementOf, changeText, expiryText, welcomeText } from './announcements.ts';

const now = Date.parse('2026-03-01T08:00:00Z');
const url = 'http://127.0.0.1:7801/mcp/t';
const bridge = ['node', 'main.js', 'connect'] as const;

const server = (...conditions: ConditionState[]): CrispMcpServer => ({
  apiVersion: 'crispmcp.io/v1alpha1',
  kind: 'CrispMcpServer',
  metadata: { name: 'support', namespace: 'default' },
  spec: { accountRef: { name: 'acme' }, expiresAt: '2026-03-01T16:00:00Z' },
  status: { conditions: mergeConditions([], conditions, { now, generation: 1 }), tools: { count: 3 } },
});
const ready: ConditionState = { type: 'Ready', status: 'True', reason: 'Serving', message: 'It serves.' };

describe('an announcement', () => {
  test.each<[string, ConditionState[], boolean, string, string | undefined]>([
    ['a ready server shows its URL', [ready], false, 'ready', url],
    ['a server without a status is provisioning', [], false, 'provisioning', undefined],
    [
      'a failed one hides its URL',
      [{ ...ready, status: 'False', reason: 'AccountNotFound' }],
      false,
      'not-ready',
      undefined,
    ],
    [
      'an expired one hides its URL',
      [{ type: 'Expired', status: 'True', reason: 'ExpiresAtPassed', message: '' }],
      false,
      'expired',
      undefined,
    ],
    [
      'a suspended one hides its URL',
      [{ type: 'Suspended', status: 'True', reason: 'SuspendRequested', message: '' }],
      false,
      'suspended',
      undefined,
    ],
    ['a deleted one hides its URL, whatever its last status', [ready], true, 'deleted', undefined],
  ])('%s', (_what, conditions, deleted, state, shown) => {
    expect(announcementOf(server(...conditions), { url, deleted, now })).toMatchObject({ state, url: shown });
  });

  test('tells a server that expiry deleted from one that somebody deleted', () => {
    const later = now + 8 * 3_600_000;
    expect(announcementOf(server(ready), { url, deleted: true, now: later - 1 }).state).toBe('deleted');
    expect(announcementOf(server(ready), { url, deleted: true, now: later }).state).toBe('expired');
  });

  test('is one JSON object for a script', () => {
    expect(JSON.parse(announcementLine(announcementOf(server(ready), { url, deleted: false, now })))).toEqual({
      event: 'server',
      namespace: 'default',
      name: 'support',
      state: 'ready',
      url,
      expiresAt: '2026-03-01T16:00:00.000Z',
    });
  });

  test('gives people the URL, both Claude commands, the expiry and the folder', () => {
    const servers = [announcementOf(server(ready), { url, deleted: false, now })];
    const text = welcomeText({
      servers,
      apiTokens: [],
      folder: './data/manifests',
      crisp: 'Crisp is played by the sandbox.',
      bridge,
      now,
    });
    expect(text).toContain('support (default/support): 3 tools, expires 2026-03-01T16:00:00Z (in 8 h)');
    expect(text).toContain(`claude mcp add --transport http support ${url}`);
    const snippet = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
    expect(JSON.parse(snippet)).toEqual({
      mcpServers: { support: { command: 'node', args: ['main.js', 'connect'], env: { CRISP_MCP_URL: url } } },
    });
    expect(text).toContain('./data/manifests');
  });

  test('of a server that asks for an API token says where the token goes, and where tokens are', () => {
    const asking = { ...server(ready), spec: { accountRef: { name: 'acme' }, requireApiTokenAuth: true } };
    const servers = [announcementOf(asking, { url, deleted: false, now })];
    const apiTokens = [{ namespace: 'default', name: 'ci', file: 'data/api-tokens/default/ci' }];
    const text = welcomeText({ servers, apiTokens, folder: 'f', crisp: '', bridge, now });
    expect(text).toContain(`support ${url} --header "Authorization: Bearer $CRISP_MCP_API_TOKEN"`);
    expect(text).toContain('API token default/ci is in data/api-tokens/default/ci');
    const snippet = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
    expect(JSON.parse(snippet).mcpServers.support.env).toHaveProperty('CRISP_MCP_API_TOKEN');
  });

  test('of a later change says what the server now has', () => {
    const changed = announcementOf(server(ready), { url, deleted: false, now });
    expect(changeText(changed, now)).toBe(
      `default/support is ready: 3 tools, expires 2026-03-01T16:00:00Z (in 8 h): ${url}`,
    );
  });

  test('says why a server is not ready', () => {
    const failed = announcementOf(
      server({ ...ready, status: 'False', reason: 'AccountNotFound', message: 'No such account.' }),
      { url, deleted: false, now },
    );
    expect(changeText(failed, now)).toBe('default/support is not-ready. No such account.');
    expect(welcomeText({ servers: [failed], apiTokens: [], folder: 'f', crisp: '', bridge, now })).toContain(
      'not-ready: No such account.',
    );
  });

  test.each([
    [undefined, 'never expires'],
    [now + 30_000, 'expires 2026-03-01T08:00:30Z (in 1 min)'],
    [now + 9_000, 'expires 2026-03-01T08:00:09Z (in 9 s)'],
    [now + 600_000, 'expires 2026-03-01T08:10:00Z (in 10 min)'],
    [now + 5 * 86_400_000, 'expires 2026-03-06T08:00:00Z (in 5 days)'],
    [now, 'expires 2026-03-01T08:00:00Z (past)'],
  ])('counts %j from now', (expiresAt, text) => {
    expect(expiryText(expiresAt, now)).toBe(text);
  });
});
