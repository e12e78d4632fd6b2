import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { systemRandom } from '../process/random.ts';
import { claimedUid } from './redis/inventory.ts';
import { RedisLink } from './redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from './redis/redis-target.ts';
import { Script } from './redis/script.ts';
import { accountKey, EPOCH_KEY, KEY_PREFIX, ownKey, parseStoreKey, SYNCED_KEY } from './store-keys.ts';

/**
 * Takes out of Redis what belongs to resources that go away, for `crisp-mcp cleanup`. It needs no keyring and takes no
 * epoch, so it pushes out no operator that still runs; it removes and never writes. It goes by what each record says of
 * itself and not by an index: a record that says otherwise than it was signed is served by no gateway anyway.
 */
export interface StoreCleaner {
  /** Removes routes, API tokens, indexes and account records of these uids; returns how many of the first two. */
  forget(uids: ReadonlySet<string>): Promise<number>;
  /** Removes every key of the installation, the memory of its leaders last; returns how many. */
  purge(): Promise<number>;
  close(): void;
}

const BATCH = 500;
/** How long a first connection may take. */
const PATIENCE_MS = 5_000;
const forgetRoutes = new Script('forget-routes');

export function createRedisStoreCleaner(options: { redis: RedisSettings; clock: Clock; logger: Logger }): StoreCleaner {
  const link = new RedisLink({
    ...options,
    random: systemRandom,
    target: parseRedisTarget(options.redis),
    name: 'crisp-mcp-cleanup',
    patience: PATIENCE_MS,
  });
  link.open();

  async function forEachBatch(each: (keys: readonly string[]) => Promise<void>): Promise<void> {
    let cursor = '0';
    do {
      const [next, keys] = await link.call('look for keys', ({ client }) =>
        client.scan(cursor, 'MATCH', `${KEY_PREFIX}*`, 'COUNT', BATCH),
      );
      cursor = next;
      if (keys.length > 0) await each(keys);
    } while (cursor !== '0');
  }

  async function remove(keys: readonly string[]): Promise<number> {
    let removed = 0;
    for (let start = 0; start < keys.length; start += BATCH) {
      const batch = keys.slice(start, start + BATCH);
      removed += await link.call('remove keys', ({ client }) => client.del(...batch));
    }
    return removed;
  }

  async function forgetRoutesAmong(keys: readonly string[], uids: ReadonlySet<string>): Promise<number> {
    const routes = keys.filter((key) => ['route', 'apiToken'].includes(parseStoreKey(key).kind));
    if (routes.length === 0) return 0;
    const values = await link.call('read routes', ({ client }) => client.mget(...routes));
    const doomed = routes.flatMap((key, position) => {
      const uid = claimedUid(values[position] ?? '');
      return uids.has(uid) ? [{ key, uid }] : [];
    });
    if (doomed.length === 0) return 0;
    const call = { keys: doomed.map(({ key }) => key), args: doomed.map(({ uid }) => uid) };
    const [, removed] = await link.call('remove routes', ({ client }) => forgetRoutes.run(client, call));
    return Number(removed);
  }

  return {
    async forget(uids) {
      let routes = 0;
      await forEachBatch(async (keys) => {
        routes += await forgetRoutesAmong(keys, uids);
      });
      await remove([...uids].flatMap((uid) => [ownKey(uid), accountKey(uid)]));
      return routes;
    },
    async purge() {
      let removed = 0;
      const last = [SYNCED_KEY, EPOCH_KEY];
      await forEachBatch(async (keys) => {
        removed += await remove(keys.filter((key) => !last.includes(key)));
      });
      return removed + (await remove(last));
    },
    close: () => link.close(),
  };
}
