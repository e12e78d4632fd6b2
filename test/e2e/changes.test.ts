import { beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/process/random.ts';
import { newToken } from '../../src/routes/token.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type Installation, install } from './installation.ts';
import { accountManifest, secretManifest, serverManifest, wholeSecondAhead } from './manifests.ts';
import { callTool, listTools, mcpRequest } from './mcp-client.ts';
import { keysIn, routesOf } from './store-content.ts';

/** What people change while a server lives, and what a client sees of it. */
let site: Installation;

beforeAll(async () => {
  site = await install({ name: 'changes' });
  await site.applyAccount();
});

const statusOf = async (url: string): Promise<number> => (await mcpRequest(url, 'tools/list')).status;
const answers = (url: string, status: number): Promise<void> =>
  eventually(async () => expect(await statusOf(url)).toBe(status), { what: `an answer ${status}` });

describe('a server', () => {
  test('that is deleted leaves neither URL nor Secret nor key', async () => {
    await site.applyServer('deleted');
    const url = await site.urlOf('deleted');
    const { metadata } = await site.server('deleted');
    await site.kubectl('delete', 'crispmcpserver', 'deleted', '--timeout=20s');
    expect(await statusOf(url)).toBe(404);
    expect(await site.urlInSecret('deleted')).toBeUndefined();
    expect(await routesOf(site.redis, metadata.uid)).toEqual([]);
    expect(await keysIn(site.redis, `*${metadata.uid}*`)).toEqual([]);
  });

  test('whose tags are edited lists other tools under the same URL', async () => {
    await site.applyServer('tagged', { methods: ['read'], tags: ['helpdesk'] });
    const url = await site.urlOf('tagged');
    expect(await listTools(url)).not.toContain('list_all_crisp_conversations');
    await site.applyServer('tagged', { methods: ['read'], tags: ['support'] });
    await eventually(async () => {
      const tools = await listTools(url);
      expect(tools).toContain('list_all_crisp_conversations');
      expect(tools).not.toContain('list_all_crisp_helpdesk_articles');
    });
    expect(await site.urlOf('tagged')).toBe(url);
  });

  test('that is suspended answers 404, and resumed serves under the same URL', async () => {
    await site.applyServer('suspended');
    const url = await site.urlOf('suspended');
    await site.applyServer('suspended', { suspend: true });
    await site.kubectl('wait', '--for=condition=Suspended', 'crispmcpserver/suspended', '--timeout=20s');
    await answers(url, 404);
    expect(await site.urlInSecret('suspended')).toBe(url);
    await site.applyServer('suspended', { suspend: false });
    expect(await site.urlOf('suspended')).toBe(url);
    await answers(url, 200);
  });

  test('whose filter matches nothing says so and serves an empty list', async () => {
    await site.applyServer('empty', { tools: { only: ['no_such_tool_*'] } });
    await site.waitForReason('empty', 'NoToolsMatched');
    const url = (await site.urlInSecret('empty')) ?? '';
    await eventually(async () => expect(await listTools(url)).toEqual([]));
    const [ready] = (await site.server('empty')).status.conditions;
    expect(ready).toMatchObject({ type: 'Ready', status: 'False' });
    expect(ready?.message).toMatch(/widen them/);
  });

  test('whose account is missing answers 503 until the account is created', async () => {
    await site.cluster.apply([serverManifest(site.namespace, 'early', 'late-account')]);
    await site.waitForReason('early', 'AccountNotFound');
    const url = (await site.urlInSecret('early')) ?? '';
    await eventually(async () => {
      const answer = await mcpRequest(url, 'tools/list');
      expect(answer.status).toBe(503);
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    });
    await site.applyAccount({ name: 'late-account' });
    expect(await site.urlOf('early')).toBe(url);
    await answers(url, 200);
  });

  test('that is applied again after its end is a tombstone: kept, never served, and not written in a loop', async () => {
    const expiresAt = wholeSecondAhead(8_000);
    await site.applyServer('again', { expiresAt });
    const url = await site.urlOf('again');
    await eventually(
      async () => expect(await site.cluster.get('crispmcpserver', site.namespace, 'again')).toBeUndefined(),
      { timeout: 30_000 },
    );
    await site.applyServer('again', { expiresAt });
    await site.waitForReason('again', 'BornExpired');
    const versions = await site.versionsDuring('again', 3);
    expect(versions, 'versions in three seconds').toHaveLength(1);
    await site.applyServer('again', { expiresAt });
    const second = await site.server('again');
    expect([second.metadata.resourceVersion]).toEqual(versions);
    expect(second.status.conditions.map(({ type }) => type)).toEqual(['Expired']);
    expect(await site.urlInSecret('again')).toBeUndefined();
    expect(await statusOf(url)).toBe(404);
    await site.kubectl('delete', 'crispmcpserver', 'again', '--timeout=20s');
  });
});

describe("the account's Secret", () => {
  test('that is rotated is what the next call uses', async () => {
    await site.applyServer('rotated');
    const url = await site.urlOf('rotated');
    expect((await callTool(url, 'list_all_crisp_conversations')).isError).toBe(false);
    site.rotateCredential();
    expect((await callTool(url, 'list_all_crisp_conversations')).isError, 'the old key is refused by now').toBe(true);
    await site.applyCredential();
    await eventually(async () => {
      const { isError, text } = await callTool(url, 'list_all_crisp_conversations');
      expect(isError, text).toBe(false);
    });
    await site.kubectl('wait', '--for=condition=Ready', 'crispaccount/acme', '--timeout=20s');
  });

  test('that is deleted turns the servers off with 503 and says so; restored, they serve as before', async () => {
    await site.applyServer('orphaned');
    const url = await site.urlOf('orphaned');
    await site.kubectl('delete', 'secret', 'acme-crisp');
    await site.waitForReason('acme', 'SecretNotFound', 'crispaccount');
    await site.waitForReason('orphaned', 'AccountNotReady');
    await eventually(async () => {
      const answer = await mcpRequest(url, 'tools/list');
      expect(answer.status).toBe(503);
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    });
    const [ready] = (await site.server('orphaned')).status.conditions;
    expect(ready?.message).toContain('There is no Secret "acme-crisp" in this namespace; create it.');
    await site.applyCredential();
    expect(await site.urlOf('orphaned')).toBe(url);
    await answers(url, 200);
    expect((await callTool(url, 'list_all_crisp_conversations')).isError).toBe(false);
  });

  test('with wrong credentials makes a condition that says whose fault it is and what to do', async () => {
    const { namespace, sandbox } = site;
    const key = issueSecret('0123456789abcdef0123456789abcdef', 'a wrong Crisp key');
    await site.cluster.apply([
      secretManifest(namespace, 'wrong-crisp', { identifier: sandbox.websiteId, key }),
      accountManifest(namespace, 'wrong', {
        websiteId: sandbox.websiteId,
        apiUrl: sandbox.url,
        credentials: [{ tier: 'website', secretRef: { name: 'wrong-crisp' } }],
      }),
      serverManifest(namespace, 'behind-wrong', 'wrong'),
    ]);
    await site.waitForReason('wrong', 'CredentialRefused', 'crispaccount');
    await site.waitForReason('behind-wrong', 'AccountNotReady');
    const [account] = (await site.account('wrong')).status.conditions;
    expect(account).toMatchObject({ type: 'Ready', status: 'False' });
    expect(account?.message).toContain('Correct Secret "wrong-crisp"');
    const [server] = (await site.server('behind-wrong')).status.conditions;
    expect(server?.message).toContain('CrispAccount "wrong" cannot be used yet');
    expect(JSON.stringify([account, server])).not.toContain(key);
  });

  test('of an account whose apiUrl is not allowed is sent nowhere', async () => {
    const { namespace, sandbox } = site;
    await site.cluster.apply([
      accountManifest(namespace, 'elsewhere', {
        websiteId: sandbox.websiteId,
        apiUrl: 'http://127.0.0.1:9',
        credentials: [{ tier: 'website', secretRef: { name: 'acme-crisp' } }],
      }),
    ]);
    await site.waitForReason('elsewhere', 'ApiUrlNotAllowed', 'crispaccount');
  });
});

describe("the server's Secret", () => {
  test('that is deleted is made anew with another token, and the old URL is dead before the new one lives', async () => {
    await site.applyServer('renewed');
    const old = await site.urlOf('renewed');
    await answers(old, 200);
    let renewed: string | undefined;
    await site.kubectl('delete', 'secret', 'renewed-mcp');
    const bothServed = await eventually(async () => {
      renewed = await site.urlInSecret('renewed');
      if (renewed === undefined) throw new Error('no Secret yet');
      const [fresh, former] = [await statusOf(renewed), await statusOf(old)];
      if (fresh !== 200) throw new Error(`the new URL answers ${fresh}`);
      return former === 200;
    });
    expect(bothServed).toBe(false);
    expect(renewed).not.toBe(old);
    expect(await statusOf(old)).toBe(404);
    expect(await routesOf(site.redis, (await site.server('renewed')).metadata.uid)).toHaveLength(1);
  });

  test('that a user brought gives the URL its token', async () => {
    const token = issueSecret(newToken(systemRandom), 'a token that a user brings');
    await site.cluster.apply([secretManifest(site.namespace, 'brought-mcp', { token }, 'crispmcp.io/token')]);
    await site.applyServer('brought');
    expect(await site.urlOf('brought')).toBe(`${site.publicUrl}/mcp/${token}`);
    await answers(`${site.publicUrl}/mcp/${token}`, 200);
  });

  test('with a token that another server holds is refused, and the holder keeps it', async () => {
    await site.applyServer('holder');
    const url = await site.urlOf('holder');
    const token = await site.kubectl('get', 'secret', 'holder-mcp', '-o', 'jsonpath={.data.token}');
    await site.cluster.apply([
      secretManifest(
        site.namespace,
        'copier-mcp',
        { token: Buffer.from(token, 'base64').toString('utf8') },
        'crispmcp.io/token',
      ),
    ]);
    await site.applyServer('copier', { methods: ['read'] });
    await site.waitForReason('copier', 'TokenConflict');
    const { status } = await site.server('copier');
    expect(status.conditions.map(({ type, status: value }) => [type, value])).toEqual([
      ['Ready', 'False'],
      ['Stalled', 'True'],
    ]);
    expect(await listTools(url), "the holder's filter, not the copier's").toContain('create_a_crisp_message');
    await site.kubectl('delete', 'secret', 'copier-mcp');
    expect(await site.urlOf('copier')).not.toBe(url);
  });

  test('that belongs to somebody else is left alone', async () => {
    await site.cluster.apply([secretManifest(site.namespace, 'foreign-mcp', { password: 'not-yours-at-all' })]);
    await site.applyServer('foreign');
    await site.waitForReason('foreign', 'SecretConflict');
    const data = await site.kubectl('get', 'secret', 'foreign-mcp', '-o', 'jsonpath={.data}');
    expect(Object.keys(JSON.parse(data))).toEqual(['password']);
    await site.kubectl('delete', 'secret', 'foreign-mcp');
    await answers(await site.urlOf('foreign'), 200);
  });

  test('and then the server, deleted while no operator runs, leave nothing behind', async () => {
    await site.applyServer('unwatched');
    const url = await site.urlOf('unwatched');
    const { metadata } = await site.server('unwatched');
    await Promise.all(site.operators.map(({ process }) => process.stop()));
    await site.kubectl('delete', 'secret', 'unwatched-mcp');
    await site.kubectl('delete', 'crispmcpserver', 'unwatched', '--wait=false');
    await site.startOperator();
    await site.kubectl('wait', '--for=delete', 'crispmcpserver/unwatched', '--timeout=30s');
    expect(await statusOf(url)).toBe(404);
    expect(await keysIn(site.redis, `*${metadata.uid}*`)).toEqual([]);
    expect(await routesOf(site.redis, metadata.uid)).toEqual([]);
    expect(await site.urlInSecret('unwatched')).toBeUndefined();
  });

  test('deleted, then an operator restart, then the server deleted: both URLs are dead and nothing stays', async () => {
    await site.applyServer('restarted');
    const first = await site.urlOf('restarted');
    const { metadata } = await site.server('restarted');
    await Promise.all(site.operators.map(({ process }) => process.stop()));
    await site.kubectl('delete', 'secret', 'restarted-mcp');
    await site.startOperator();
    const second = await eventually(async () => {
      const url = await site.urlInSecret('restarted');
      if (url === undefined) throw new Error('no Secret yet');
      return url;
    });
    await answers(second, 200);
    expect(await statusOf(first)).toBe(404);
    await site.kubectl('delete', 'crispmcpserver', 'restarted', '--timeout=30s');
    expect([await statusOf(first), await statusOf(second)]).toEqual([404, 404]);
    expect(await keysIn(site.redis, `*${metadata.uid}*`)).toEqual([]);
    expect(await routesOf(site.redis, metadata.uid)).toEqual([]);
  });
});
