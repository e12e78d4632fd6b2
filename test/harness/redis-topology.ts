import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProgram } from './processes.ts';
import { command, type RedisServer, startRedis } from './redis.ts';
import { scratchFolder } from './run-folder.ts';

/** Several Redis servers that belong together: a master and its replica, Sentinels, a cluster. Real processes all. */
const PATIENCE = { timeout: 30_000, interval: 50 };

/** Copies to replicas begin at once instead of after five seconds. */
export const REPLICATING: readonly string[] = ['--repl-diskless-sync-delay', '0'];

/** Flags of a cluster node; its bus is on a port of its own. */
export async function clusterNodeFlags(): Promise<string[]> {
  const bus = String(await freePort());
  return [...REPLICATING, '--cluster-enabled', 'yes', '--cluster-node-timeout', '60000', '--cluster-port', bus];
}

export async function startClusterNode(name: string): Promise<RedisServer> {
  return startRedis({ name, flags: await clusterNodeFlags() });
}

/** Makes one cluster of the nodes and waits until all agree. */
export async function joinCluster(nodes: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = nodes;
  // Else nodes give themselves epochs while they meet, and a replica's claim made at that time may count as an old one.
  for (const [index, node] of nodes.entries()) await node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  for (const other of others) {
    const setting = await other.command('CONFIG', 'GET', 'cluster-port');
    const bus = Array.isArray(setting) ? String(setting[1]) : '';
    await first?.command('CLUSTER', 'MEET', '127.0.0.1', other.port, bus);
  }
  await eventually(async () => {
    for (const node of nodes) {
      const state = String(await node.command('CLUSTER', 'INFO'));
      expect(state).toContain(`cluster_known_nodes:${nodes.length}`);
      expect(state).toContain('cluster_state:ok');
      expect(state).toContain(`cluster_current_epoch:${nodes.length}`);
    }
  }, PATIENCE);
}

/** Resolves when the replica, made one by `link`, has all that its master has. */
export async function replicated(
  master: RedisServer,
  replica: RedisServer,
  link: () => Promise<unknown> = () => replica.command('REPLICAOF', '127.0.0.1', master.port),
): Promise<void> {
  await link();
  await eventually(async () => {
    expect(String(await replica.command('INFO', 'replication'))).toContain('master_link_status:up');
    expect(String(await master.command('INFO', 'replication'))).toContain('connected_slaves:1');
  }, PATIENCE);
}

export interface SentinelOptions {
  count: number;
  /** Milliseconds of silence after which the master counts as down. */
  downAfter: number;
}

/** Sentinels that watch the master and its replicas and agree with each other; the URL to give to our processes. */
export async function startSentinels(
  master: RedisServer,
  { count, downAfter }: SentinelOptions,
): Promise<{ url: string; processes: RunningProcess[] }> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const quorum = Math.floor(count / 2) + 1;
  const processes = await Promise.all(
    ports.map((port) => {
      const config = join(mkdtempSync(join(scratchFolder(), 'sentinel-')), 'sentinel.conf');
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `sentinel monitor main 127.0.0.1 ${master.port} ${quorum}`,
        `sentinel down-after-milliseconds main ${downAfter}`,
        'sentinel failover-timeout main 4000',
      ];
      writeFileSync(config, `${lines.join('\n')}\n`);
      return startProgram('sentinel', inject('redisServer'), [config, '--sentinel']);
    }),
  );
  await Promise.all(ports.map((port) => knowsTheOthers(port, count)));
  return { url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/main`, processes };
}

/** They find each other through the master, which takes some seconds, and learn of its replica from it. */
async function knowsTheOthers(port: number, count: number): Promise<void> {
  await eventually(async () => {
    const state = String(await command(port, 'INFO', 'sentinel'));
    expect(state).toMatch(new RegExp(`^master0:.*status=ok.*slaves=1,sentinels=${count}\r?$`, 'm'));
  }, PATIENCE);
}
