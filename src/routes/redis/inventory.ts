import type { Redis } from 'ioredis';
import { TamperedRecordError } from '../errors.ts';
import type { Keyring } from '../keyring.ts';
import { openAccount, openApiToken, openRoute } from '../sealed-record.ts';
import { DAMAGED, type StoreInventory, type TokenClaim, UNINDEXED } from '../store.ts';
import { ACCOUNT_PREFIX, indexEntry, KEY_PREFIX, parseStoreKey } from '../store-keys.ts';
import type { TokenHash } from '../token.ts';

/**
 * Reads and verifies everything stored, in bounded batches that leave room for other commands. It goes by the keys that
 * exist, never by an index alone; of the index it asks only whether each route stands in it.
 */
const BATCH = 500;

export async function readInventory(client: Redis, keyring: Keyring): Promise<StoreInventory> {
  const routes = new Map<TokenHash, TokenClaim>();
  const apiTokens = new Map<TokenHash, TokenClaim>();
  const accounts = new Map<string, { revision: string }>();
  const indexed = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${KEY_PREFIX}*`, 'COUNT', BATCH);
    cursor = next;
    const values = keys.length === 0 ? [] : await client.mget(...keys);
    for (const [position, key] of keys.entries()) {
      const value = values[position];
      // Gone since the scan saw it, or not a string.
      if (value === null || value === undefined) continue;
      const parsed = parseStoreKey(key);
      if (parsed.kind === 'route') routes.set(parsed.hash, claimOf(openRoute, keyring, key, value));
      else if (parsed.kind === 'apiToken') apiTokens.set(parsed.hash, claimOf(openApiToken, keyring, key, value));
      else if (parsed.kind === 'account')
        accounts.set(parsed.uid, { revision: revisionOfAccount(keyring, key, value) });
      else if (parsed.kind === 'own') indexed.set(parsed.uid, value);
    }
  } while (cursor !== '0');
  for (const claims of [routes, apiTokens]) {
    for (const [hash, { uid, revision }] of claims) {
      if (revision !== DAMAGED && !indexed.get(uid)?.includes(indexEntry(hash)))
        claims.set(hash, { uid, revision: UNINDEXED });
    }
  }
  return { routes, apiTokens, accounts };
}

type Open = (keyring: Keyring, key: string, value: string) => { record: { uid: string }; revision: string };

function claimOf(open: Open, keyring: Keyring, key: string, value: string): TokenClaim {
  try {
    const { record, revision } = open(keyring, key, value);
    return { uid: record.uid, revision };
  } catch (error) {
    if (!(error instanceof TamperedRecordError)) throw error;
    return { uid: claimedUid(value), revision: DAMAGED };
  }
}

function revisionOfAccount(keyring: Keyring, key: string, value: string): string {
  try {
    const { record, revision } = openAccount(keyring, key, value);
    return ACCOUNT_PREFIX + record.uid === key ? revision : DAMAGED;
  } catch (error) {
    if (!(error instanceof TamperedRecordError)) throw error;
    return DAMAGED;
  }
}

/** Whose record a stored value says that it is, verified or not; empty when it says nothing. */
export function claimedUid(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== 'object' || parsed === null || !('uid' in parsed)) return '';
    return typeof parsed.uid === 'string' ? parsed.uid : '';
  } catch {
    return '';
  }
}
