import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type RespMessage, RespStream, type RespValue } from './resp-stream.ts';
import { PROJECT_ROOT } from './run-folder.ts';
import type { RecordedWrite, WriteTrap } from './write-trap.ts';

/**
 * Stands between one process and Redis and shows each write to a {@link WriteTrap} before it goes on, and its answer
 * before it is heard. Commands and replies pass in order and byte for byte, pipelined or not. Scripts of the route store
 * are named by their files. Not for subscriptions.
 */
export interface WriteProxy {
  readonly url: string;
  close(): Promise<void>;
}

export async function startRedisProxy(redisPort: number, trap: WriteTrap): Promise<WriteProxy> {
  const names = scriptNames();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(redisPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, trap, names);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function relay(client: Socket, upstream: Socket, trap: WriteTrap, names: ReadonlyMap<string, string>): void {
  const commands = new RespStream();
  const replies = new RespStream();
  /** For each command that was sent on and is not answered: the write it is, if it is one. */
  const unanswered: (RecordedWrite | undefined)[] = [];
  let passed = Promise.resolve();

  const pass = async ({ value, bytes }: RespMessage): Promise<void> => {
    const what = writeName(value, names);
    const write = what === undefined ? undefined : await trap.admit('redis', what);
    if (trap.sprung || (what !== undefined && write === undefined)) {
      client.destroy();
      return;
    }
    unanswered.push(write);
    upstream.write(bytes);
  };

  client.on('data', (piece: Buffer) => {
    for (const message of commands.push(piece)) passed = passed.then(() => pass(message));
  });
  upstream.on('data', (piece: Buffer) => {
    for (const { value, bytes } of replies.push(piece)) {
      const write = unanswered.shift();
      const heard = write === undefined ? !trap.sprung : trap.answered(write, outcomeOf(value));
      if (heard) client.write(bytes);
      else client.destroy();
    }
  });
}

const WRITES = new Set(['SET', 'DEL', 'UNLINK', 'EXPIRE', 'PEXPIREAT', 'FLUSHALL', 'FLUSHDB', 'HSET', 'INCR']);

/** `undefined` for what only reads. */
function writeName(command: RespValue, names: ReadonlyMap<string, string>): string | undefined {
  const [name, script] = Array.isArray(command) ? command.map(String) : [];
  if (name === undefined || script === undefined) return undefined;
  const upper = name.toUpperCase();
  if (upper === 'EVALSHA') return `redis ${names.get(script) ?? 'unknown script'}`;
  if (upper === 'EVAL') return `redis ${names.get(sha1(script)) ?? 'unknown script'}`;
  return WRITES.has(upper) ? `redis ${upper}` : undefined;
}

/** A script's first value, such as `OK` or `STALE`. */
function outcomeOf(reply: RespValue): string {
  if (Array.isArray(reply)) return String(reply[0]);
  if (typeof reply === 'object' && reply !== null && 'error' in reply) return reply.error;
  return String(reply);
}

function scriptNames(): ReadonlyMap<string, string> {
  return new Map([...routeStoreScripts()].map(([name, text]) => [sha1(text), name]));
}

/** The route store's scripts by name, as they are sent: the fence in front. */
export function routeStoreScripts(): ReadonlyMap<string, string> {
  const folder = join(PROJECT_ROOT, 'src/routes/redis/lua');
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');
  const files = readdirSync(folder).filter((file) => file.endsWith('.lua') && file !== 'fence.lua');
  return new Map(files.map((file) => [file.replace('.lua', ''), `${text('fence.lua')}\n${text(file)}`]));
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
