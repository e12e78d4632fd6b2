import { expect, test } from 'vitest';
import { EPOCH_KEY, SYNCED_KEY } from '../../src/routes/store-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';
import {
  clusterNodeFlags,
  joinCluster,
  REPLICATING,
  replicated,
  startClusterNode,
  startSentinels,
} from '../harness/redis-topology.ts';
import { type Installation, installForTest } from './installation.ts';
import { callTool, listTools } from './mcp-client.ts';
import { becomes } from './outage-probes.ts';
import { type Polled, pollWhile } from './poll.ts';

/**
 * Redis fails over to a replica that lags behind, under load: 503 until the operator has rebuilt the store there, then the
 * same URLs, and nothing that was revoked.
 */
const TOOL = 'list_all_crisp_conversations';

async function deleteServer(site: Installation, name: string): Promise<void> {
  await site.kubectl('delete', 'crispmcpserver', name, '--timeout=30s');
}

const byGateway = (site: Installation, url: string, index: number): string =>
  (site.gateways[index]?.url ?? '') + new URL(url).pathname;

/** The mark of a verified store names the process that it was rebuilt in. */
async function expectRebuilt(owner: RedisServer): Promise<void> {
  const [, runId = ''] = /^run_id:([0-9a-f]+)/m.exec(String(await owner.command('INFO', 'server'))) ?? [];
  expect(String(await owner.command('GET', SYNCED_KEY))).toContain(` ${runId}-`);
}

/** The live URL is answered, or said to be unavailable for now; the revoked one is never served. */
function expectFailover(polled: Record<'live' | 'liveByOther' | 'revoked' | 'revokedByOther', Polled>): void {
  for (const [name, { statuses, withoutRetryAfter, served }] of Object.entries(polled)) {
    expect(withoutRetryAfter, `503 without Retry-After of ${name}`).toBe(0);
    if (name.startsWith('revoked')) expect(served, name).toBe(0);
    else
      expect(
        [...statuses].filter((status) => ![200, 503].includes(status)),
        name,
      ).toEqual([]);
  }
}

test('a Sentinel failover to a lagging replica under load', { timeout: 240_000 }, async () => {
  let replica: RedisServer | undefined;
  const site = await installForTest({
    name: 'sentinel',
    gateways: 2,
    redis: { flags: REPLICATING },
    redisUrl: async (master) => {
      replica = await startRedis({ name: 'sentinel-replica', flags: REPLICATING });
      await replicated(master, replica);
      // A replica that has been cut off for ten times as long would not be promoted any more.
      return (await startSentinels(master, { count: 3, downAfter: 6_000 })).url;
    },
  });
  const lagging = replica;
  if (lagging === undefined) throw new Error('no replica was started');
  await site.applyAccount();
  await Promise.all(['live', 'revoked'].map((name) => site.applyServer(name)));
  const [live, revoked] = [await site.urlOf('live'), await site.urlOf('revoked')];
  await Promise.all([0, 1].flatMap((index) => [live, revoked].map((url) => becomes(byGateway(site, url, index), 200))));

  // From here on only the master knows: one URL is revoked, one is new.
  lagging.freeze();
  await site.redis.command('CLIENT', 'KILL', 'TYPE', 'replica');
  await Promise.all([deleteServer(site, 'revoked'), site.applyServer('young')]);
  const young = await site.urlOf('young');
  await Promise.all([becomes(young, 200), becomes(revoked, 404)]);

  const polled = await pollWhile(
    async (seen) => {
      await site.redis.kill();
      lagging.thaw();
      const lost = Date.now();
      await eventually(() => expect(seen('live').statuses).toContain(503), { timeout: 30_000, what: 'a 503' });
      const back = [live, young].flatMap((url) => [0, 1].map((index) => byGateway(site, url, index)));
      const again = { timeout: 120_000, what: 'the same URLs being served' };
      await Promise.all(back.map((url) => eventually(() => listTools(url), again)));
      console.info(`Sentinel failover: served again ${Date.now() - lost} ms after the master was killed`);
      const gone = [0, 1].map((index) => becomes(byGateway(site, revoked, index), 404));
      await Promise.all(gone);
    },
    {
      live: byGateway(site, live, 0),
      liveByOther: byGateway(site, live, 1),
      revoked: byGateway(site, revoked, 0),
      revokedByOther: byGateway(site, revoked, 1),
    },
  );
  expectFailover(polled);
  expect(String(await lagging.command('INFO', 'replication'))).toContain('role:master');
  expect(await site.urlInSecret('live')).toBe(live);
  expect((await callTool(young, TOOL)).isError).toBe(false);
});

test('a Redis Cluster URL: served, edited, revoked, and followed to a new owner of the slot', async () => {
  let replica: RedisServer | undefined;
  const site = await installForTest({
    name: 'redis-cluster',
    redis: { flags: await clusterNodeFlags() },
    redisUrl: async (owner) => {
      const [seed, standby] = await Promise.all([
        startClusterNode('cluster-seed'),
        startClusterNode('cluster-standby'),
      ]);
      const slot = Number(await seed.command('CLUSTER', 'KEYSLOT', EPOCH_KEY));
      await seed.command('CLUSTER', 'ADDSLOTSRANGE', 0, slot - 1, slot + 1, 16_383);
      await owner.command('CLUSTER', 'ADDSLOTS', slot);
      await joinCluster([seed, owner, standby]);
      const ownerId = String(await owner.command('CLUSTER', 'MYID'));
      await replicated(owner, standby, () => standby.command('CLUSTER', 'REPLICATE', ownerId));
      replica = standby;
      return `redis+cluster://127.0.0.1:${seed.port}`;
    },
  });
  const standby = replica;
  if (standby === undefined) throw new Error('no replica was started');
  await site.applyAccount();
  await Promise.all(['live', 'revoked'].map((name) => site.applyServer(name)));
  const [live, revoked] = [await site.urlOf('live'), await site.urlOf('revoked')];
  await Promise.all([becomes(live, 200), becomes(revoked, 200)]);
  await site.applyServer('live', { methods: ['read'], tags: ['helpdesk'] });
  await eventually(async () => expect(await listTools(live)).not.toContain(TOOL));
  await deleteServer(site, 'revoked');
  await becomes(revoked, 404);

  const polled = await pollWhile(
    async () => {
      await standby.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
      await site.redis.kill();
      // The 503 before that may be too short to be seen.
      await eventually(() => expectRebuilt(standby), {
        timeout: 60_000,
        what: 'the store of the new owner being rebuilt',
      });
      await eventually(() => listTools(live), { timeout: 30_000, what: 'the same URL being served' });
    },
    { live, revoked },
  );
  expect(polled.revoked.served).toBe(0);
  expect([...polled.live.statuses].filter((status) => ![200, 503].includes(status))).toEqual([]);
  expect(await listTools(live)).not.toContain(TOOL);
});
