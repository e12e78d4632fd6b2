import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProgram } from './processes.ts';
import { outputFolder, scratchFolder } from './run-folder.ts';

/**
 * A real Redis server of a test's own. It can be killed, frozen and started again on the same port: with what it had
 * saved, with an old dump, or empty. Dumps are uncompressed, and the last state is copied to the run's output folder, so
 * that the leak search can read them.
 */
export interface RedisOptions {
  port?: number;
  dir?: string;
  /** `none` (the default): nothing survives a kill. `always`: an append-only file, synced on each write. */
  persistence?: 'none' | 'always';
  name?: string;
  /** Path of redis-server; the one that the run's setup found unless told. */
  binary?: string;
  flags?: readonly string[];
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly process: RunningProcess;
  /** One command on a connection of its own. */
  command(name: string, ...args: (string | number)[]): Promise<unknown>;
  /** Writes a dump (SAVE) and returns the path of a copy of it. */
  saveDump(): Promise<string>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Stops it if it still runs, then starts it on the same port. `fromDump`: with that dump; `empty`: with nothing. */
  restart(options?: { fromDump?: string; empty?: boolean }): Promise<void>;
  /** Saves the last state to the output folder and ends it. */
  stop(): Promise<void>;
}

const started = new Set<RedisServer>();
let dumps = 0;

export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const name = options.name ?? 'redis';
  const dir = options.dir ?? mkdtempSync(join(scratchFolder(), `${name}-`));
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    try {
      const server = handle(await launch(name, port, dir, options), name, port, dir, options);
      started.add(server);
      return server;
    } catch (error) {
      if (options.port !== undefined || attempt === 5) throw error;
    }
  }
}

export async function stopAllRedis(): Promise<void> {
  await Promise.all([...started].map((one) => one.stop()));
}

async function launch(name: string, port: number, dir: string, options: RedisOptions): Promise<RunningProcess> {
  const argv = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--rdbcompression', 'no', '--save', ''];
  // With an append-only file Redis would not look at a dump: that one is loaded first, the file begun afterwards.
  const appendOnly = options.persistence === 'always';
  const fromDump = existsSync(join(dir, 'dump.rdb')) && !existsSync(join(dir, 'appendonlydir'));
  if (appendOnly) argv.push('--appendfsync', 'always', '--appendonly', fromDump ? 'no' : 'yes');
  const server = await startProgram(name, options.binary ?? inject('redisServer'), [...argv, ...(options.flags ?? [])]);
  await eventually(
    async () => {
      if (!server.isRunning) return;
      await once(port, (client) => client.ping());
    },
    { timeout: 10_000, what: `Redis on port ${port} answering` },
  );
  if (appendOnly && fromDump) await once(port, (client) => client.config('SET', 'appendonly', 'yes'));
  if (!server.isRunning) throw new Error(`Redis ended before it answered:\n${server.output().slice(-1_000)}`);
  return server;
}

function handle(first: RunningProcess, name: string, port: number, dir: string, options: RedisOptions): RedisServer {
  let current = first;
  const saveDump = async (): Promise<string> => {
    await once(port, (client) => client.save());
    dumps += 1;
    const copy = join(dir, `saved-${dumps}.rdb`);
    copyFileSync(join(dir, 'dump.rdb'), copy);
    return copy;
  };
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get process() {
      return current;
    },
    command: (name, ...args) => command(port, name, ...args),
    saveDump,
    async kill() {
      await current.kill();
    },
    freeze: () => current.freeze(),
    thaw: () => current.thaw(),
    async restart({ fromDump, empty = false } = {}) {
      if (current.isRunning) await current.stop();
      if (empty || fromDump !== undefined) {
        rmSync(join(dir, 'dump.rdb'), { force: true });
        rmSync(join(dir, 'appendonlydir'), { recursive: true, force: true });
      }
      if (fromDump !== undefined) copyFileSync(fromDump, join(dir, 'dump.rdb'));
      current = await launch(name, port, dir, options);
    },
    async stop() {
      started.delete(server);
      if (!current.isRunning) return;
      current.thaw();
      await keepDump(await saveDump().catch(() => ''), `${name}-${current.pid}`);
      await current.stop(5_000);
    },
  };
  return server;
}

async function keepDump(dump: string, name: string): Promise<void> {
  if (!existsSync(dump)) return;
  const folder = join(outputFolder(), 'redis');
  mkdirSync(folder, { recursive: true });
  copyFileSync(dump, join(folder, `${name}.rdb`));
}

/** One command to whatever speaks Redis' protocol on a port of this machine. */
export function command(port: number, name: string, ...args: (string | number)[]): Promise<unknown> {
  return once(port, (client) => client.call(name, ...args));
}

async function once<T>(port: number, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 10_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}
