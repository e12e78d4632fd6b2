import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { RedisLink } from '../redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from '../redis/redis-target.ts';
import { ledgerKey } from '../store-keys.ts';
import { LAST_USE } from './usage-books.ts';

/**
 * The book of last uses, for the operator that copies it into statuses. It is read page by page, so that a book of any
 * size holds up nothing in Redis. What was in the book from the first page to the last is shown at least once, maybe
 * twice; what comes or goes meanwhile may be. Rejects with {@link StoreUnavailableError}.
 */
export interface LastUseBook {
  /** `cursor` is {@link FIRST_PAGE} or the `next` of the page before; the last page's `next` is {@link FIRST_PAGE} again. */
  page(cursor: string): Promise<LastUsePage>;
  /** Strikes out servers that are gone. */
  forget(serverUids: readonly string[]): Promise<void>;
  close(): void;
}

export interface LastUsePage {
  readonly next: string;
  /** By the server's uid, milliseconds since the Unix epoch. Whoever can write the book can put anything here. */
  readonly lastUses: ReadonlyMap<string, number>;
}

export const FIRST_PAGE = '0';
const PAGE_SIZE = 500;

/** How long a first connection may take. */
const PATIENCE_MS = 5_000;

/** On a connection of its own, made when it is first asked. Needs the rights of `operator` in `redis/acl.ts`. */
export function createRedisLastUseBook(options: {
  redis: RedisSettings;
  clock: Clock;
  random: Random;
  logger: Logger;
}): LastUseBook {
  const target = parseRedisTarget(options.redis);
  const key = ledgerKey(LAST_USE.name);
  let link: RedisLink | undefined;

  function opened(): RedisLink {
    if (link !== undefined) return link;
    link = new RedisLink({ ...options, target, name: 'crisp-mcp-last-use', patience: PATIENCE_MS });
    link.open();
    return link;
  }

  return {
    page: (cursor) =>
      opened().call('read last uses', async ({ client }) => {
        const [next, entries] = await client.zscan(key, cursor, 'COUNT', PAGE_SIZE);
        const lastUses = new Map<string, number>();
        for (let at = 0; at + 1 < entries.length; at += 2) lastUses.set(entries[at] ?? '', Number(entries[at + 1]));
        return { next, lastUses };
      }),
    forget: (serverUids) =>
      opened().call('forget last uses', async ({ client }) => {
        await client.zrem(key, ...serverUids);
      }),
    close: () => link?.close(),
  };
}
