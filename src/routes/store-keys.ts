import { fingerprint, isTokenHash, type TokenHash } from './token.ts';

/**
 * The names of everything in Redis. All carry the hash tag `{crispmcp}` and so lie in one slot of a cluster: scripts over
 * several keys stay atomic. No name contains a comma, which joins names in invalidation messages.
 */
export const KEY_PREFIX = '{crispmcp}:';
export const ROUTE_PREFIX = `${KEY_PREFIX}route:`;
export const ACCOUNT_PREFIX = `${KEY_PREFIX}account:`;
export const API_TOKEN_PREFIX = `${KEY_PREFIX}apitoken:`;
export const OWN_PREFIX = `${KEY_PREFIX}own:`;
/** The highest epoch taken; the fence. */
export const EPOCH_KEY = `${KEY_PREFIX}epoch`;
/** A stream of audit records, where a gateway is configured to write one. */
export const AUDIT_KEY = `${KEY_PREFIX}audit`;
/** What gateways tell each other. The only keys beside the audit's that a gateway may write. */
export const LEDGER_PREFIX = `${KEY_PREFIX}gw:`;
export const BOOK_PREFIX = `${LEDGER_PREFIX}book:`;
export const REPLICAS_KEY = `${LEDGER_PREFIX}replicas`;
/** `<epoch> <instance>`: who declared the store rebuilt, and in which Redis process and mastership. */
export const SYNCED_KEY = `${KEY_PREFIX}synced`;

export function routeKey(hash: TokenHash): string {
  return ROUTE_PREFIX + hash;
}

export function apiTokenKey(hash: TokenHash): string {
  return API_TOKEN_PREFIX + hash;
}

export function accountKey(uid: string): string {
  return ACCOUNT_PREFIX + uid;
}

/** A book of the ledger, by its name. */
export function ledgerKey(name: string): string {
  return BOOK_PREFIX + name;
}

/** Holds an index: the token hashes of a server or an API token, so that its records can be removed without the token. */
export function ownKey(uid: string): string {
  return OWN_PREFIX + uid;
}

/** A hash as it stands in an index: base64url, a third shorter; entries are joined by spaces. */
export function indexEntry(hash: TokenHash): string {
  return Buffer.from(hash, 'hex').toString('base64url');
}

export function parseIndex(index: string): TokenHash[] {
  return index
    .split(' ')
    .map((entry) => Buffer.from(entry, 'base64url').toString('hex'))
    .filter(isTokenHash);
}

export type StoreKey =
  | { readonly kind: 'route' | 'apiToken'; readonly hash: TokenHash }
  | { readonly kind: 'account' | 'own'; readonly uid: string }
  | { readonly kind: 'epoch' | 'synced' | 'unknown' };

export function parseStoreKey(key: string): StoreKey {
  if (key.startsWith(ROUTE_PREFIX)) return hashed('route', key.slice(ROUTE_PREFIX.length));
  if (key.startsWith(API_TOKEN_PREFIX)) return hashed('apiToken', key.slice(API_TOKEN_PREFIX.length));
  if (key.startsWith(ACCOUNT_PREFIX)) return { kind: 'account', uid: key.slice(ACCOUNT_PREFIX.length) };
  if (key.startsWith(OWN_PREFIX)) return { kind: 'own', uid: key.slice(OWN_PREFIX.length) };
  if (key === EPOCH_KEY) return { kind: 'epoch' };
  if (key === SYNCED_KEY) return { kind: 'synced' };
  return { kind: 'unknown' };
}

function hashed(kind: 'route' | 'apiToken', hash: string): StoreKey {
  return isTokenHash(hash) ? { kind, hash } : { kind: 'unknown' };
}

/** How an error or a log line names what stands under a key: of a token never more than its fingerprint. */
export function describeStoreKey(key: string): string {
  const parsed = parseStoreKey(key);
  if (parsed.kind === 'route') return `The route with fingerprint ${fingerprint(parsed.hash)}`;
  if (parsed.kind === 'apiToken') return `The API token with fingerprint ${fingerprint(parsed.hash)}`;
  if (parsed.kind === 'account') return `The record of account ${parsed.uid}`;
  return 'A record';
}
