import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { RedisLink } from '../redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from '../redis/redis-target.ts';
import { ledgerKey, REPLICAS_KEY } from '../store-keys.ts';
import {
  type LedgerBatch,
  type LedgerBook,
  type LedgerReply,
  type LedgerStore,
  REPLICA_LIFE,
} from './gateway-ledger.ts';

/**
 * The ledger in Redis, on a connection of its own, so that nothing of it stands before a look-up. Amounts are fields of
 * hashes (HINCRBY), instants scores of sorted sets of which the latest counts (ZADD GT), and the replicas a sorted set by
 * the time of Redis, so no gateway's clock matters. Every key expires. Needs the rights of
 * `gateway` in `redis/acl.ts`.
 */
export interface RedisLedgerStoreOptions {
  redis: RedisSettings;
  clock: Clock;
  random: Random;
  logger: Logger;
}

export function createRedisLedgerStore({ redis, clock, random, logger }: RedisLedgerStoreOptions): LedgerStore {
  const target = parseRedisTarget(redis);
  const link = new RedisLink({ target, name: 'crisp-mcp-ledger', clock, random, logger, patience: 0 });
  link.open();
  return {
    get reachable() {
      return link.session !== undefined;
    },
    exchange: (replica, batch) =>
      link.call('exchange the ledger', async ({ client }) => {
        const now = milliseconds(await client.time());
        const pipeline = client.pipeline();
        pipeline.zadd(REPLICAS_KEY, now, replica);
        pipeline.zremrangebyscore(REPLICAS_KEY, '-inf', now - REPLICA_LIFE);
        // What stands so far ahead was written before the clock of Redis went back; who lives writes itself anew.
        pipeline.zremrangebyscore(REPLICAS_KEY, now + REPLICA_LIFE, '+inf');
        pipeline.pexpire(REPLICAS_KEY, REPLICA_LIFE);
        pipeline.zcard(REPLICAS_KEY);
        const heartbeat = pipeline.length;
        const sums: [LedgerBook, string][] = [];
        for (const [book, fields] of batch.amounts) {
          for (const [field, amount] of fields) {
            pipeline.hincrby(ledgerKey(book.name), field, amount);
            sums.push([book, field]);
          }
        }
        for (const [book, fields] of batch.instants) {
          const key = ledgerKey(book.name);
          for (const [field, instant] of fields) pipeline.zadd(key, 'GT', instant, field);
          pipeline.zremrangebyscore(key, '-inf', now - book.keepFor * 1_000);
        }
        for (const { name, keepFor } of booksOf(batch)) pipeline.expire(ledgerKey(name), keepFor);
        const results = (await pipeline.exec()) ?? [];
        const failed = results.find(([error]) => error !== null)?.[0];
        if (failed) throw failed;
        const numberAt = (index: number) => Number(results[index]?.[1]);
        return replyOf(numberAt(heartbeat - 1), sums, (index) => numberAt(heartbeat + index));
      }),
    leave: (replica) =>
      link.call('leave the ledger', async ({ client }) => {
        await client.zrem(REPLICAS_KEY, replica);
      }),
    close: () => link.close(),
  };
}

function milliseconds([seconds, microseconds]: readonly (string | number)[]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}

function booksOf({ amounts, instants }: LedgerBatch): readonly LedgerBook[] {
  return [...amounts.keys(), ...instants.keys()];
}

function replyOf(
  replicas: number,
  sums: readonly [LedgerBook, string][],
  sumAt: (index: number) => number,
): LedgerReply {
  const totals = new Map<LedgerBook, Map<string, number>>();
  for (const [index, [book, field]] of sums.entries()) {
    const fields = totals.get(book) ?? new Map<string, number>();
    fields.set(field, sumAt(index));
    totals.set(book, fields);
  }
  return { replicas, totals };
}
