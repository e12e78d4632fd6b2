import { z } from 'zod';
import type { RedisServer } from '../harness/redis.ts';

/** What Redis holds, read behind the product's back. */
const Keys = z.array(z.string());

export async function keysIn(redis: RedisServer, pattern = '*'): Promise<string[]> {
  return Keys.parse(await redis.command('KEYS', pattern)).sort();
}

/** Keys of the routes that belong to a server. */
export async function routesOf(redis: RedisServer, uid: string): Promise<string[]> {
  const keys = await keysIn(redis, '{crispmcp}:route:*');
  const records = await Promise.all(keys.map(async (key) => [key, String(await redis.command('GET', key))] as const));
  return records.filter(([, record]) => record.includes(uid)).map(([key]) => key);
}

/** Calls so far of each command that changes something, by name: nothing was written when two of these are equal. */
export async function writesSoFar(redis: RedisServer): Promise<Record<string, number>> {
  const text = String(await redis.command('INFO', 'commandstats'));
  const calls = [...text.matchAll(/^cmdstat_([a-z|_-]+):calls=(\d+)/gm)].map(
    ([, command = '', count = '0']) => [command, Number(count)] as const,
  );
  return Object.fromEntries(calls.filter(([command]) => WRITES.has(command)));
}

const WRITES = new Set(['set', 'del', 'unlink', 'expire', 'pexpire', 'pexpireat', 'hset', 'hdel', 'sadd', 'srem']);

/** What operators store, byte for byte; not who leads, whether the store is verified, and what gateways tell each other. */
export async function contentOf(redis: RedisServer): Promise<ReadonlyMap<string, string>> {
  const keys = (await keysIn(redis)).filter((key) => !NOT_CONTENT.test(key));
  const values = await Promise.all(keys.map(async (key) => [key, String(await redis.command('GET', key))] as const));
  return new Map(values);
}

const NOT_CONTENT = /^\{crispmcp\}:(epoch$|synced$|gw:)/;
