import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import { systemRandom } from '../../process/random.ts';
import { RedisLink } from '../redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from '../redis/redis-target.ts';
import { ledgerKey } from '../store-keys.ts';
import { callsOn, LAST_USE } from './usage-books.ts';

/**
 * Reads the gateways' books for those who show them to people: of the servers they ask for, or a book of amounts as a
 * whole, in pages. Never writes. What is no sensible number counts as not there, since gateways are not trusted with more
 * than their ledger. Rejects with {@link StoreUnavailableError} within a bound.
 */
export interface UsageReader {
  /** In the order of `serverUids`; calls in the order of `days` (`2026-11-25`, UTC). */
  usageOf(serverUids: readonly string[], days: readonly string[]): Promise<readonly ServerUsage[]>;
  /** A whole book of amounts, by field. */
  amounts(book: string): Promise<ReadonlyMap<string, number>>;
  close(): void;
}

export interface ServerUsage {
  /** Milliseconds since the Unix epoch; `undefined` when the book knows of none. */
  readonly lastUse: number | undefined;
  readonly calls: readonly number[];
}

const PAGE_SIZE = 500;
/** How long a first connection may take. */
const PATIENCE_MS = 5_000;
/** The last instant that a `Date` can hold. */
const LAST_INSTANT = 8.64e15;

/** Needs the rights of `USAGE_RULES` in `redis/acl.ts`. */
export function createRedisUsageReader(options: { redis: RedisSettings; clock: Clock; logger: Logger }): UsageReader {
  const link = new RedisLink({
    ...options,
    random: systemRandom,
    target: parseRedisTarget(options.redis),
    name: 'crisp-mcp-usage',
    patience: PATIENCE_MS,
  });
  link.open();
  return {
    usageOf: async (serverUids, days) => {
      if (serverUids.length === 0) return [];
      return await link.call('read the use of servers', async ({ client }) => {
        const [lastUses, ...calls] = await Promise.all([
          client.zmscore(ledgerKey(LAST_USE.name), ...serverUids),
          ...days.map((day) => client.hmget(ledgerKey(callsOn(day).name), ...serverUids)),
        ]);
        return serverUids.map((_, at) => ({
          lastUse: sensible(lastUses[at], LAST_INSTANT),
          calls: calls.map((ofDay) => sensible(ofDay[at]) ?? 0),
        }));
      });
    },
    amounts: async (book) => {
      const amounts = new Map<string, number>();
      let cursor = '0';
      do {
        const [next, entries] = await link.call('read a book of amounts', ({ client }) =>
          client.hscan(ledgerKey(book), cursor, 'COUNT', PAGE_SIZE),
        );
        for (let at = 0; at + 1 < entries.length; at += 2)
          amounts.set(entries[at] ?? '', sensible(entries[at + 1]) ?? 0);
        cursor = next;
      } while (cursor !== '0');
      return amounts;
    },
    close: () => link.close(),
  };
}

function sensible(text: string | null | undefined, highest = Number.MAX_SAFE_INTEGER): number | undefined {
  const value = Number(text ?? Number.NaN);
  return value >= 0 && value <= highest ? value : undefined;
}
