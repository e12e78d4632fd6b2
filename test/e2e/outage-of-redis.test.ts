import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { type Installation, install } from './installation.ts';
import { accountManifest } from './manifests.ts';
import { listTools, mcpRequest } from './mcp-client.ts';
import { becomes, readiness, statusOf } from './outage-probes.ts';

/**
 * Redis is gone for a while: refused (the machine is down) or silent (the network is). Nothing is served that cannot be
 * verified, nothing is lost, and all heals by itself.
 */
const proxies: TcpProxy[] = [];

afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

describe('Redis out of reach', () => {
  test('when operator and gateway start: both say so, and all comes into force when it answers', async () => {
    const { site, redis } = await behindProxy('no-redis', 0);
    const [, gateway] = await Promise.all([site.startOperator(), site.launchGateway()]);
    await site.applyCredential();
    const { websiteId, url: apiUrl } = site.sandbox;
    const credentials = [{ tier: 'website' as const, secretRef: { name: 'acme-crisp' } }];
    await site.cluster.apply([accountManifest(site.namespace, 'acme', { websiteId, apiUrl, credentials })]);
    await site.applyServer('waiting');
    await site.waitForReason('acme', 'StoreUnavailable', 'crispaccount');
    await site.waitForReason('waiting', 'StoreUnavailable');
    const [ready] = (await site.server('waiting')).status.conditions;
    expect(ready?.message).toMatch(/route store \(Redis\) does not answer.*tried again by itself/);
    await eventually(async () => expect(await readiness(gateway)).toMatch(/^503 /));
    await becomes(`${site.publicUrl}/mcp/${'x'.repeat(43)}`, 503);
    redis.restore();
    await becomes(await site.urlOf('waiting'), 200);
    // It serves from the first verified answer on; that it is ready it finds out when it asks the next time.
    await eventually(async () => expect(await readiness(gateway)).toBe('200 ok'));
  });

  describe('later', () => {
    let site: Installation;
    let redis: TcpProxy;

    beforeAll(async () => {
      ({ site, redis } = await behindProxy('redis-lost', 1));
      await site.applyAccount();
    });

    test.each(['cut', 'freeze'] as const)(
      '(%s): nothing is served after the staleness bound, edits wait and say so, and take effect when it is back',
      async (how) => {
        const [kept, doomed] = [`kept-${how}`, `doomed-${how}`];
        await site.applyServer(kept);
        await site.applyServer(doomed);
        const [url, doomedUrl] = [await site.urlOf(kept), await site.urlOf(doomed)];
        await Promise.all([becomes(url, 200), becomes(doomedUrl, 200)]);
        redis[how]();
        const gone = Date.now();
        await becomes(url, 503);
        expect(Date.now() - gone, 'time until nothing is served').toBeLessThan(10_000);
        expect(Number((await mcpRequest(url, 'tools/list')).retryAfter)).toBeGreaterThan(0);
        const [gateway] = site.gateways;
        if (gateway !== undefined) expect(await readiness(gateway), 'it was ready once').toBe('200 ok');

        await site.applyServer(kept, { methods: ['read'], tags: ['helpdesk'] });
        await site.kubectl('delete', 'crispmcpserver', doomed, '--wait=false');
        await Promise.all([kept, doomed].map((name) => site.waitForReason(name, 'StoreUnavailable')));
        redis.restore();
        await eventually(async () => expect(await listTools(url)).not.toContain('list_all_crisp_conversations'), {
          timeout: 20_000,
        });
        expect(await site.urlOf(kept)).toBe(url);
        await site.kubectl('wait', '--for=delete', `crispmcpserver/${doomed}`, '--timeout=20s');
        expect(await statusOf(doomedUrl)).toBe(404);
      },
    );
  });
});

/** An installation whose processes reach Redis through a proxy. */
async function behindProxy(name: string, processes: number): Promise<{ site: Installation; redis: TcpProxy }> {
  const site = await install({
    name,
    operators: processes,
    gateways: processes,
    staleFor: 2,
    redisUrl: async ({ port }) => {
      const proxy = await startTcpProxy(port);
      if (processes === 0) proxy.cut();
      proxies.push(proxy);
      return `redis://127.0.0.1:${proxy.port}`;
    },
  });
  const redis = proxies.at(-1);
  if (redis === undefined) throw new Error('no proxy was asked for');
  return { site, redis };
}
