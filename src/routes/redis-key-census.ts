import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { systemRandom } from '../process/random.ts';
import type { Keyring } from './keyring.ts';
import { RedisLink } from './redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from './redis/redis-target.ts';
import { signerOf } from './sealed-record.ts';
import { KEY_PREFIX, parseStoreKey } from './store-keys.ts';

/** Counts the signed records in Redis by the key that signed them: what a rotation goes by. Reads only. */
export interface KeyCensus {
  count(keyring: Keyring): Promise<KeyCount>;
  close(): void;
}

export interface KeyCount {
  /** Records by id of the key. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Records signed by neither key; no gateway serves them. */
  readonly unknown: number;
}

const BATCH = 500;
const PATIENCE_MS = 5_000;

export function createRedisKeyCensus(options: { redis: RedisSettings; clock: Clock; logger: Logger }): KeyCensus {
  const link = new RedisLink({
    ...options,
    random: systemRandom,
    target: parseRedisTarget(options.redis),
    name: 'crisp-mcp-keys',
    patience: PATIENCE_MS,
  });
  link.open();
  return {
    async count(keyring) {
      const byKey = new Map<string, number>();
      let unknown = 0;
      let cursor = '0';
      do {
        const batch = await link.call('count records', async ({ client }) => {
          const [next, found] = await client.scan(cursor, 'MATCH', `${KEY_PREFIX}*`, 'COUNT', BATCH);
          const keys = found.filter(isOfRecord);
          return { next, keys, values: keys.length === 0 ? [] : await client.mget(...keys) };
        });
        cursor = batch.next;
        for (const [position, key] of batch.keys.entries()) {
          const value = batch.values[position];
          // Gone since the scan saw it, or not a string and so no record.
          if (value === null || value === undefined) continue;
          const signer = signerOf(keyring, key, value);
          if (signer === undefined) unknown += 1;
          else byKey.set(signer, (byKey.get(signer) ?? 0) + 1);
        }
      } while (cursor !== '0');
      return { byKey, unknown };
    },
    close: () => link.close(),
  };
}

function isOfRecord(key: string): boolean {
  const { kind } = parseStoreKey(key);
  return kind === 'route' || kind === 'account' || kind === 'apiToken';
}
