import type { AccountRecord, RouteRecord } from './records.ts';
import type { TokenHash } from './token.ts';

/**
 * The route store, seen from both sides. Writers are fenced: an epoch is taken once per leadership, and every write with
 * an older one is refused with {@link StaleEpochError}. Readers learn with every answer whether the store is verified,
 * that is, whether a leader has rebuilt it since this Redis process began; an unverified store serves nothing.
 * Implementations: Redis and memory, held to one conformance suite.
 */
export interface RouteWriter {
  /** Takes `max(stored, leaseTransitions) + 1` as the new epoch. */
  takeEpoch(leaseTransitions: number): Promise<number>;
  /**
   * Writes a route; replaces what the hash held for the same uid. Refused with {@link RouteConflictError} when the hash
   * belongs to another uid. A route whose `exp` has passed is not written; it is removed.
   */
  putRoute(epoch: number, hash: TokenHash, record: RouteRecord): Promise<void>;
  /** Removes the server's routes, all or all but `keep`. Needs no token. Returns how many there were. */
  deleteRoutes(epoch: number, serverUid: string, keep?: TokenHash): Promise<number>;
  putAccount(epoch: number, record: AccountRecord): Promise<void>;
  deleteAccount(epoch: number, accountUid: string): Promise<void>;
  /** Everything stored, by revision (a digest of the open record), for the diff with what should be there. */
  inventory(): Promise<StoreInventory>;
  /** What {@link inventory} would report for a record: equal exactly when a write would change nothing. */
  routeRevision(hash: TokenHash, record: RouteRecord): string;
  accountRevision(record: AccountRecord): string;
  /** Whether the store has been rebuilt by a leader since the server process behind it began. */
  isVerified(): Promise<boolean>;
  /** Declares the store rebuilt: readers may serve from it. */
  markVerified(epoch: number): Promise<void>;
  close(): Promise<void>;
}

export interface StoreInventory {
  readonly routes: ReadonlyMap<TokenHash, { readonly uid: string; readonly revision: string }>;
  readonly accounts: ReadonlyMap<string, { readonly revision: string }>;
}

export interface RouteReader {
  /** Connects and arms the invalidation; resolves at once, also when the store cannot be reached yet. */
  start(listener: InvalidationListener): Promise<void>;
  /** One round trip: the route, its account's record, and whether the store is verified. */
  fetchRoute(hash: TokenHash): Promise<RouteLookup>;
  fetchAccount(uid: string): Promise<AccountLookup>;
  /** Milliseconds (monotonic) since the invalidation channel last proved itself alive; `Infinity` before the first time. */
  staleness(): number;
  /** Store clock minus local clock, milliseconds; `undefined` before the first measurement. */
  clockOffset(): number | undefined;
  close(): Promise<void>;
}

export type RouteLookup =
  | { readonly verified: false }
  | { readonly verified: true; readonly route: RouteRecord | undefined };

export type AccountLookup =
  | { readonly verified: false }
  | { readonly verified: true; readonly account: AccountRecord | undefined };

/** Told before anything could be served from what changed. */
export interface InvalidationListener {
  routeChanged(hash: TokenHash): void;
  accountChanged(uid: string): void;
  /** Everything may have changed: connection lost or regained, store flushed, verification lost or regained. */
  allChanged(): void;
}
