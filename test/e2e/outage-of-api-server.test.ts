import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { type Installation, install } from './installation.ts';
import { wholeSecondAhead } from './manifests.ts';
import { listTools } from './mcp-client.ts';
import { becomes, readiness, statusOf } from './outage-probes.ts';
import { pollWhile } from './poll.ts';

/** The API server is gone for a while, refused or silent. Clients notice nothing, and what changed meanwhile follows. */
const proxies: TcpProxy[] = [];

afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

describe('the API server out of reach', () => {
  describe('for a moment', () => {
    let site: Installation;
    let api: TcpProxy;

    beforeAll(async () => {
      ({ site, api } = await behindApiProxy('api-lost', { operators: 1, leaseDuration: 15 }));
      await site.applyAccount();
    });

    test.each(['cut', 'freeze'] as const)(
      '(%s): URLs are served all the while, and what was changed meanwhile takes effect afterwards',
      async (how) => {
        const [steady, fresh] = [`steady-${how}`, `new-${how}`];
        await site.applyServer(steady);
        const url = await site.urlOf(steady);
        await becomes(url, 200);
        const { polled } = await pollWhile(
          async (seen) => {
            api[how]();
            await site.applyServer(steady, { tags: ['helpdesk'] });
            await site.applyServer(fresh);
            await eventually(() => expect(seen('polled').count).toBeGreaterThan(100), { what: 'a hundred answers' });
            expect(await site.urlInSecret(fresh)).toBeUndefined();
            api.restore();
            await becomes(await site.urlOf(fresh), 200);
          },
          { polled: url },
        );
        expect(polled.statuses).toEqual(new Set([200]));
        await eventually(async () => expect(await listTools(url)).not.toContain('list_all_crisp_conversations'), {
          timeout: 20_000,
        });
        expect(site.operators.every(({ process }) => process.isRunning)).toBe(true);
      },
    );
  });

  test('for longer than a lease: the operator ends, URLs end at their time without one, and its successor cleans up', async () => {
    const { site, api } = await behindApiProxy('api-long', { operators: 1, leaseDuration: 9 });
    await site.applyAccount();
    const expiresAt = wholeSecondAhead(15_000);
    await site.applyServer('ending', { expiresAt });
    await site.applyServer('staying');
    const [ending, staying] = [await site.urlOf('ending'), await site.urlOf('staying')];
    await Promise.all([becomes(ending, 200), becomes(staying, 200)]);
    api.freeze();
    const [operator] = site.operators;
    const exit = await operator?.process.exited;
    expect(exit).toEqual({ code: 1, signal: null });
    expect(operator?.process.output()).toContain('leadership is lost');
    await eventually(async () => expect(await statusOf(ending)).toBe(404), { timeout: 30_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(await statusOf(staying)).toBe(200);
    api.restore();
    await site.startOperator();
    await site.kubectl('wait', '--for=delete', 'crispmcpserver/ending', '--timeout=30s');
    expect(await site.urlInSecret('ending')).toBeUndefined();
    expect(await statusOf(staying)).toBe(200);
  });

  test('when the operator starts: it waits, not ready, and begins when it can', async () => {
    const { site, api } = await behindApiProxy('api-late', { operators: 0, leaseDuration: 15 });
    api.cut();
    const operator = await site.startOperator({ waitUntilReady: false });
    await site.applyCredential();
    await site.applyServer('patient');
    await eventually(async () =>
      expect(await readiness(operator)).toMatch(/^503 The list of accounts is not complete/),
    );
    api.restore();
    await eventually(async () => expect(await readiness(operator)).toBe('200 ok'), { timeout: 20_000 });
    await site.applyAccount();
    await becomes(await site.urlOf('patient'), 200);
  });
});

/** An installation whose operators reach the API server through a proxy. */
async function behindApiProxy(
  name: string,
  options: { operators: number; leaseDuration: number },
): Promise<{ site: Installation; api: TcpProxy }> {
  const api = await startTcpProxy(Number(new URL(sharedCluster().url).port));
  proxies.push(api);
  const site = await install({ name, ...options, apiServerUrl: () => `https://127.0.0.1:${api.port}` });
  return { site, api };
}
