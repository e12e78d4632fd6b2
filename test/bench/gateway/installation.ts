import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { request } from 'undici';
import { findRedis } from '../../../scripts/binaries/redis.ts';
import { systemClock } from '../../../src/process/clock.ts';
import { silentLogger } from '../../../src/process/logger.ts';
import { systemRandom } from '../../../src/process/random.ts';
import { createKeyring, newKeyringEntry } from '../../../src/routes/keyring.ts';
import { createRedisRouteWriter } from '../../../src/routes/redis-route-writer.ts';
import { hashToken, newToken } from '../../../src/routes/token.ts';
import { eventually } from '../../harness/eventually.ts';
import { type BenchProcess, startProcess } from './bench-process.ts';
import { WEBSITE_ID } from './workload.ts';

/**
 * The gateway as it is shipped: compiled, `crisp-mcp gateway` in a process of its own on a real Redis, with access log,
 * metrics, limits, Host and Origin checks as they are by default. Everything lives in a folder that goes with it.
 */
export interface Installation {
  readonly folder: string;
  readonly redis: Redis;
  /** Writes routes of live servers and returns their tokens. */
  addTenants(count: number): Promise<string[]>;
  startGateway(options: GatewayPlan): Promise<RunningGateway>;
  /** Commands that read data, as the store has counted them since it began. */
  redisReads(): Promise<number>;
  redisBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface GatewayPlan {
  readonly upstream: string;
  readonly nodeFlags?: readonly string[];
}

export interface RunningGateway {
  readonly port: number;
  readonly process: BenchProcess;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ACCOUNT_UID = '7d1b5c9a-2222-4333-8444-000000000001';
const WRITTEN_AT_ONCE = 10_000;
const DAY = 86_400_000;
const LISTENS = /"url":"([^"]+)","adminPort":(\d+)/;
/** Commands that look something up. What gateways write in batches beside the requests is not among them. */
const READS = new Set([
  'get',
  'mget',
  'exists',
  'scan',
  'hget',
  'hmget',
  'hgetall',
  'zscore',
  'zrange',
  'eval',
  'evalsha',
]);

export async function install(upstream: string): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  const main = build(folder);
  const socket = join(folder, 'redis.sock');
  const redisServer = spawn(await findRedis(), ['--port', '0', '--unixsocket', socket, '--save', ''], {
    stdio: 'ignore',
  });
  process.on('exit', () => redisServer.kill('SIGKILL'));
  const redis = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  await eventually(() => redis.ping(), { timeout: 10_000, what: 'Redis answering' });

  const current = newKeyringEntry(systemRandom);
  const keyringFolder = join(folder, 'keyring');
  mkdirSync(keyringFolder);
  writeFileSync(join(keyringFolder, 'current'), `${current}\n`);
  const url = `redis+unix://${socket}`;
  const writer = createRedisRouteWriter({
    redis: { url },
    keyring: createKeyring({ current }),
    clock: systemClock,
    logger: silentLogger,
  });
  const epoch = await writer.takeEpoch(0);
  const credential = { identifier: 'bench-identifier', key: 'bench-key' };
  await writer.putAccount(epoch, {
    uid: ACCOUNT_UID,
    namespace: 'bench',
    name: 'acme',
    websiteId: WEBSITE_ID,
    apiUrl: upstream,
    credentials: [
      { tier: 'website', ...credential },
      { tier: 'plugin', ...credential },
      { tier: 'user', ...credential },
    ],
  });
  await writer.markVerified(epoch);

  let tenants = 0;
  let gateways = 0;
  const addTenants = async (count: number): Promise<string[]> => {
    const tokens = Array.from({ length: count }, () => newToken(systemRandom));
    for (let start = 0; start < count; start += WRITTEN_AT_ONCE) {
      const part = tokens.slice(start, start + WRITTEN_AT_ONCE);
      await writer.putRoutes(
        epoch,
        part.map((token) => ({ hash: hashToken(token), record: routeRecord(tenants++) })),
      );
    }
    return tokens;
  };
  const startGateway = async (plan: GatewayPlan): Promise<RunningGateway> => {
    const gateway = startProcess({
      program: main,
      args: [
        ...['gateway', '--host', '127.0.0.1', '--port', '0', '--admin-host', '127.0.0.1', '--admin-port', '0'],
        ...['--public-hosts', '127.0.0.1', '--allowed-origins', 'https://playground.example'],
        ...['--redis-url', url, '--keyring', keyringFolder, '--allowed-api-urls', plan.upstream],
      ],
      core: 0,
      outputFile: join(folder, `gateway-${++gateways}.log`),
      ...(plan.nodeFlags === undefined ? {} : { nodeFlags: plan.nodeFlags }),
    });
    const port = await eventually(
      async () => {
        const [, url = '', adminPort = ''] = LISTENS.exec(gateway.output()) ?? [];
        if (url === '') throw new Error(gateway.output().slice(-1_000));
        const { statusCode, body } = await request(`http://127.0.0.1:${adminPort}/readyz`);
        const said = await body.text();
        if (statusCode !== 200) throw new Error(said);
        return Number(new URL(url).port);
      },
      { timeout: 30_000, what: 'the gateway being ready' },
    );
    return { port, process: gateway };
  };
  return {
    folder,
    redis,
    addTenants,
    startGateway,
    redisReads: async () => readsIn(await redis.info('commandstats')),
    redisBytes: async () => bytesIn(await redis.info('memory')),
    async close() {
      await writer.close();
      redis.disconnect();
      redisServer.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The program as `npm run build` makes it, elsewhere, so that a running `dist/` is left alone. */
function build(folder: string): string {
  const dist = join(folder, 'dist');
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', dist], { cwd: ROOT });
  execFileSync(process.execPath, [join(ROOT, 'scripts/copy-assets.mjs'), dist], { cwd: ROOT });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(dist, 'main.js');
}

function routeRecord(index: number) {
  return {
    uid: `3f0c2a1e-1111-4222-8333-${String(index).padStart(12, '0')}`,
    namespace: `team-${index % 50}`,
    name: `assistant-${index}`,
    displayName: `Support assistant ${index}`,
    exp: Date.now() + DAY,
    filter: {},
    accountUid: ACCOUNT_UID,
    auth: 'path',
    state: 'live',
  } as const;
}

function readsIn(commandStats: string): number {
  return [...commandStats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)]
    .filter(([, command = '']) => READS.has(command.split('|')[0] ?? ''))
    .reduce((sum, [, , calls]) => sum + Number(calls), 0);
}

function bytesIn(memory: string): number {
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)?.[1]);
  return figure('used_memory') - figure('mem_clients_normal');
}
