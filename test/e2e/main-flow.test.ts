import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { askAroundExpiry } from './expiry.ts';
import { type Installation, install } from './installation.ts';
import { wholeSecondAhead } from './manifests.ts';
import { callTool, listTools, mcpRequest, OFFICIAL_CLIENTS } from './mcp-client.ts';
import { tokenOfUrl } from './namespace-user.ts';
import { routesOf } from './store-content.ts';

/**
 * The main job as its users do it: kubectl on one side, the official clients on the other, and between them two kinds of
 * processes that share nothing but Redis and a keyring.
 */
let site: Installation;

beforeAll(async () => {
  site = await install({ name: 'main-flow' });
  await site.applyAccount();
});

describe.concurrent('from apply to the end', () => {
  test.each(OFFICIAL_CLIENTS)(
    '%s lists and calls the tools of a server seconds after kubectl apply',
    async (who, connect) => {
      const name = who.includes('v1') ? 'for-v1' : 'for-v2';
      await site.applyServer(name, { methods: ['read'], displayName: 'Reader' });
      const url = await site.urlOf(name);
      const client = await connect(url);
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      expect(names).toContain('list_all_crisp_conversations');
      const answer = await client.callTool({ name: 'list_all_crisp_conversations', arguments: { per_page: 20 } });
      expect(JSON.stringify(answer)).toContain('session_');
      expect(names, 'a write tool is not listed').not.toContain('create_a_crisp_message');
      await expect(
        client.callTool({
          name: 'create_a_crisp_message',
          arguments: { session_id: `session_${site.sandbox.websiteId}`, type: 'text', content: 'hello' },
        }),
      ).rejects.toThrow(/not enabled on this server/);
      expect(site.sandbox.state.messagesWritten()).toEqual([]);
      await client.close();
    },
  );

  test.each(['Delete', 'Retain'] as const)(
    'at expiresAt the first request is answered 404 (expirationPolicy %s), and the token is gone from everywhere',
    async (expirationPolicy) => {
      const name = `ends-${expirationPolicy.toLowerCase()}`;
      const expiresAt = wholeSecondAhead(7_000);
      await site.applyServer(name, { methods: ['read'], expiresAt, expirationPolicy });
      const url = await site.urlOf(name);
      const before = await site.server(name);
      expect(await routesOf(site.redis, before.metadata.uid)).toHaveLength(1);

      const answers = await askAroundExpiry(url, Date.parse(expiresAt));

      const late = answers.filter((answer) => answer.sentAt >= Date.parse(expiresAt));
      expect(new Set(late.map((answer) => answer.status)), 'sent at or after the instant').toEqual(new Set([404]));
      const served = answers.filter((answer) => answer.status === 200);
      expect(served.length, 'served before').toBeGreaterThan(10);
      expect(Math.max(...served.map((answer) => answer.sentAt))).toBeLessThan(Date.parse(expiresAt));
      const early = answers.filter(
        (answer) => answer.status !== 200 && answer.answeredAt < Date.parse(expiresAt) - 250,
      );
      expect(early, 'refused long before the instant').toEqual([]);

      await eventually(async () => {
        expect(await site.urlInSecret(name)).toBeUndefined();
        expect(await routesOf(site.redis, before.metadata.uid)).toEqual([]);
      });
      expect(await site.redis.command('EXISTS', `{crispmcp}:own:${before.metadata.uid}`)).toBe(0);
      if (expirationPolicy === 'Delete') {
        await eventually(async () => expect(await site.server(name).catch(() => undefined)).toBeUndefined());
      } else {
        await site.kubectl('wait', '--for=condition=Expired', `crispmcpserver/${name}`, '--timeout=10s');
        const { status } = await site.server(name);
        expect(status.conditions.map((condition) => condition.type)).toEqual(['Expired']);
        expect(status.reason).toBe('ExpiresAtPassed');
      }
    },
  );
});

test('extending a server before its end keeps its URL, and shortening it ends it earlier', async () => {
  await site.applyServer('moved', { expiresAt: wholeSecondAhead(10_000) });
  const url = await site.urlOf('moved');
  const first = (await site.server('moved')).status.expiresAt;
  await site.applyServer('moved', { expiresAt: wholeSecondAhead(3_600_000) });
  expect(await site.urlOf('moved')).toBe(url);
  expect(Date.parse((await site.server('moved')).status.expiresAt ?? '')).toBeGreaterThan(Date.parse(first ?? ''));
  await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(first ?? '')), {
    timeout: 20_000,
    what: 'the former end',
  });
  expect(await listTools(url)).toContain('list_all_crisp_conversations');
  await site.applyServer('moved', { expiresAt: wholeSecondAhead(1_000) });
  await eventually(async () => expect((await mcpRequest(url, 'tools/list')).status).toBe(404));
});

test('extending a retained server gives it a new URL, and the old one stays dead', async () => {
  await site.applyServer('extended', { expiresAt: wholeSecondAhead(8_000), expirationPolicy: 'Retain' });
  const url = await site.urlOf('extended');
  await site.kubectl('wait', '--for=condition=Expired', 'crispmcpserver/extended', '--timeout=40s');
  await site.applyServer('extended', { expiresAt: wholeSecondAhead(60_000), expirationPolicy: 'Retain' });
  const fresh = await site.urlOf('extended');
  expect(fresh).not.toBe(url);
  expect(await listTools(fresh)).toContain('list_all_crisp_conversations');
  expect((await mcpRequest(url, 'tools/list')).status).toBe(404);
});

describe('what kubectl shows', () => {
  const expiresAt = wholeSecondAhead(3_600_000);
  let token: string;
  let tools: number;

  beforeAll(async () => {
    await site.applyServer('shown', { methods: ['read'], tags: ['helpdesk'], expiresAt });
    const url = await site.urlOf('shown');
    token = tokenOfUrl(url);
    tools = (await listTools(url)).length;
    expect(tools).toBeGreaterThan(2);
  });

  test('get: readiness, reason, account, tools and end in one line', async () => {
    const [head, row] = table(await site.kubectl('get', 'crispmcpserver', 'shown'));
    expect(head).toEqual(['NAME', 'READY', 'REASON', 'ACCOUNT', 'TOOLS', 'EXPIRES', 'AGE']);
    expect(row?.slice(0, 6)).toEqual(['shown', 'True', 'Serving', 'acme', String(tools), expiresAt]);
    const [accountHead, account] = table(await site.kubectl('get', 'crispaccount', 'acme'));
    expect(accountHead).toEqual(['NAME', 'READY', 'REASON', 'WEBSITE', 'TIERS', 'AGE']);
    expect(account?.slice(0, 5)).toEqual(['acme', 'True', 'CredentialsAccepted', site.sandbox.websiteId, 'website']);
  });

  test('get -o wide: also where the URL is and how to find it in logs, but not the token', async () => {
    const text = await site.kubectl('get', 'cmcp', 'shown', '-o', 'wide');
    const [head, row] = table(text);
    expect(head?.slice(7)).toEqual(['SECRET', 'FINGERPRINT', 'ENDPOINT', 'LAST USED']);
    expect(row?.slice(7, 10)).toEqual(['shown-mcp', expect.stringMatching(/^[0-9a-f]{12}$/), `${site.publicUrl}/mcp`]);
    expect(text).not.toContain(token);
  });

  test('describe: a sentence that says how it stands, and an event that says so too', async () => {
    const text = await eventually(async () => {
      const described = await site.kubectl('describe', 'crispmcpserver', 'shown');
      expect(described).toMatch(/Normal\s+Serving\s+\S+.*crispmcp\.io\/operator.*Serving \d+ tools until/);
      return described;
    });
    expect(text).toContain(`Serving ${tools} tools until ${expiresAt}. The URL is in Secret "shown-mcp", key "url".`);
    expect(text).not.toContain(token);
    expect(await site.kubectl('get', 'crisp', '-o', 'yaml')).not.toContain(token);
    expect(await site.kubectl('get', 'events', '-o', 'yaml')).not.toContain(token);
  });

  test('describe of the Secret: its keys by name', async () => {
    const text = await site.kubectl('describe', 'secret', 'shown-mcp');
    expect(text).toMatch(/Type:\s+crispmcp\.io\/token/);
    for (const key of ['url', 'token', 'mcp.json', 'expiresAt']) expect(text).toMatch(new RegExp(`^${key}:`, 'm'));
    expect(text).not.toContain(token);
  });

  test('explain: every field of the spec has a description', async () => {
    const text = await site.cluster.kubectl(['explain', 'crispmcpserver.spec']);
    for (const field of ['accountRef', 'methods', 'tags', 'tools', 'expiresAt', 'expirationPolicy', 'suspend']) {
      expect(text).toMatch(new RegExp(`${field}\\s+<`));
    }
    expect(text).not.toContain('<no description>');
    expect(await site.cluster.kubectl(['explain', 'crispaccount.spec.credentials.secretRef'])).toContain('Secret');
  });
});

test('the Secret holds a configuration that an MCP client reads', async () => {
  await site.applyServer('configured');
  const url = await site.urlOf('configured');
  const secret = await site.kubectl('get', 'secret', 'configured-mcp', '-o', 'jsonpath={.data.mcp\\.json}');
  expect(JSON.parse(Buffer.from(secret, 'base64').toString('utf8'))).toEqual({
    mcpServers: { configured: { type: 'http', url } },
  });
  expect((await callTool(url, 'get_single_crisp_website_by_id')).isError).toBe(false);
});

function table(text: string): string[][] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => line.trimEnd().split(/\s{2,}|\s(?=\d+[smh]$)/));
}
