import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { createKeyring, newKeyringEntry } from '../../src/routes/keyring.ts';
import { createRedisRouteReader } from '../../src/routes/redis-route-reader.ts';
import { createRedisRouteWriter } from '../../src/routes/redis-route-writer.ts';
import type { RouteEntry } from '../../src/routes/store.ts';
import { hashToken } from '../../src/routes/token.ts';

/**
 * What a route costs in a real Redis: bytes (all keys together), writes a second, and how long a full inventory and a
 * rebuild of 10,000 servers take. `node test/bench/route-store.ts [routes] [--json FILE]`.
 */
const COUNT = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'route-store-bench-'));
const path = join(folder, 'redis.sock');
const server = spawn('redis-server', ['--port', '0', '--unixsocket', path, '--save', ''], { stdio: 'ignore' });

async function main(): Promise<void> {
  await sleep(500);
  const context = {
    redis: { url: `redis+unix://${path}` },
    keyring: createKeyring({ current: newKeyringEntry(systemRandom) }),
    clock: systemClock,
    logger: silentLogger,
  };
  const writer = createRedisRouteWriter(context);
  const reader = createRedisRouteReader(context);
  await reader.start({
    routeChanged: () => {},
    apiTokenChanged: () => {},
    accountChanged: () => {},
    allChanged: () => {},
  });
  const redis = new Redis({ path });
  const epoch = await writer.takeEpoch(0);
  const emptyBytes = await usedMemory(redis);

  const entries = Array.from({ length: COUNT }, (_, index) => entry(index));
  const batched = await timed(() => writer.putRoutes(epoch, entries));
  const bytes = ((await usedMemory(redis)) - emptyBytes) / COUNT;
  const single = await timed(async () => {
    for (const { hash, record } of entries.slice(0, 5000)) await writer.putRoute(epoch, hash, record);
  });
  const concurrent = await timed(async () => {
    for (let start = 0; start < 20_000; start += 32) {
      await Promise.all(
        entries.slice(start, start + 32).map(({ hash, record }) => writer.putRoute(epoch, hash, record)),
      );
    }
  });
  const inventory = await timed(() => writer.inventory());
  const diff = await timed(async () => {
    for (const { hash, record } of entries) writer.routeRevision(hash, record);
  });
  await redis.flushall();
  const rebuildEpoch = await writer.takeEpoch(0);
  const rebuild = await timed(async () => {
    await writer.inventory();
    await writer.putRoutes(rebuildEpoch, entries.slice(0, 10_000));
    await writer.markVerified(rebuildEpoch);
  });
  const reads = await timed(async () => {
    for (const { hash } of entries.slice(0, 5000)) await reader.fetchRoute(hash);
  });

  const figures = {
    routes: COUNT,
    bytesPerRoute: Math.round(bytes),
    batchedWritesPerSecond: Math.round(COUNT / batched),
    concurrentWritesPerSecond: Math.round(20_000 / concurrent),
    singleWritesPerSecond: Math.round(5000 / single),
    inventorySeconds: round(inventory),
    revisionsSeconds: round(diff),
    rebuild10kSeconds: round(rebuild),
    readMicroseconds: Math.round((reads / 5000) * 1e6),
  };
  console.table(figures);
  const json = process.argv.indexOf('--json');
  const file = json < 0 ? undefined : process.argv[json + 1];
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures)}\n`);
  await Promise.all([writer.close(), reader.close()]);
  redis.disconnect();
}

function entry(index: number): RouteEntry {
  return {
    hash: hashToken(`token-${index}`),
    record: {
      uid: `3f0c2a1e-1111-4222-8333-${String(index).padStart(12, '0')}`,
      namespace: `team-${index % 50}`,
      name: `assistant-${index}`,
      displayName: `Support assistant ${index}`,
      exp: Date.now() + 86_400_000,
      filter: { methods: ['read'], tags: ['conversations'], except: ['delete_*'] },
      accountUid: `7d1b5c9a-2222-4333-8444-${String(index % 100).padStart(12, '0')}`,
      auth: 'path',
      state: 'live',
    },
  };
}

async function usedMemory(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return figure('used_memory') - figure('mem_clients_normal');
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

try {
  await main();
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
