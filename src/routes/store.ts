import type { AccountRecord, ApiTokenRecord, RouteRecord } from './records.ts';
import type { TokenHash } from './token.ts';

/**
 * The route store, seen from both sides. Writers are fenced: an epoch is taken once per leadership, and every write with
 * an older one is refused with {@link StaleEpochError}. Readers learn with every answer whether the store is verified,
 * that is, whether a leader has rebuilt it since this Redis process began; an unverified store serves nothing.
 * Implementations: Redis and memory, held to one conformance suite.
 */
export interface RouteWriter {
  /**
   * Takes a new epoch, higher than every one stored and, by term, than any of an earlier leader: epochs of one lease term
   * lie in a range of their own ({@link firstEpoch}), so that a store that lost its memory cannot hand out an old
   * leader's again. Needed once per leadership and before every rebuild: {@link markVerified} holds only for the store
   * process this call spoke to. Refused with {@link StaleEpochError} when another leader has taken one since this
   * writer last did in the same term. When a later term has taken one the first call fails with
   * {@link StoreUnavailableError}, so that a call that arrives late pushes out no successor; the next one succeeds, for
   * a leader whose lease was made anew and counts from zero.
   */
  takeEpoch(leaseTransitions: number): Promise<number>;
  /**
   * Writes a route; replaces what the hash held for the same uid. Refused with {@link RouteConflictError} when the hash
   * belongs to another uid. A route whose `exp` has passed is not written; it is removed.
   */
  putRoute(epoch: number, hash: TokenHash, record: RouteRecord): Promise<void>;
  /** Many at once, for a rebuild: some thousands a second more than {@link putRoute}, and a conflict stops no other. */
  putRoutes(epoch: number, routes: readonly RouteEntry[]): Promise<ReadonlyMap<TokenHash, PutOutcome>>;
  /** Removes the server's routes, all or all but `keep`. Needs no token. Returns how many it removed. */
  deleteRoutes(epoch: number, serverUid: string, keep?: TokenHash): Promise<number>;
  /**
   * Removes routes by hash, whoever holds them: what an inventory shows that should not be there. A rebuild uses this
   * and not {@link deleteRoutes}, which trusts the store's own index of a server's routes.
   */
  removeRoutes(epoch: number, hashes: readonly TokenHash[]): Promise<number>;
  /** The records of API tokens, kept by the same rules as routes. */
  readonly apiTokens: TokenRecordWriter<ApiTokenRecord>;
  putAccount(epoch: number, record: AccountRecord): Promise<void>;
  deleteAccount(epoch: number, accountUid: string): Promise<void>;
  /**
   * Everything stored, read from the records themselves and verified, for the diff with what should be there. A record
   * whose signature does not hold has the revision {@link DAMAGED}, one that the index of its server misses
   * {@link UNINDEXED}: both differ from every true revision, so that a diff writes or removes them.
   */
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

/**
 * Writes records that tokens lead to, of one kind: by the hash of the token, each belonging to the resource whose `uid` it
 * carries. What {@link RouteWriter} says of routes holds for each of these.
 */
export interface TokenRecordWriter<R extends TokenRecord> {
  put(epoch: number, hash: TokenHash, record: R): Promise<void>;
  putMany(epoch: number, entries: readonly TokenEntry<R>[]): Promise<ReadonlyMap<TokenHash, PutOutcome>>;
  /** Removes what belongs to the resource, all or all but `keep`. */
  deleteOf(epoch: number, uid: string, keep?: TokenHash): Promise<number>;
  /** Removes by hash, whomever it belongs to. */
  remove(epoch: number, hashes: readonly TokenHash[]): Promise<number>;
  revision(hash: TokenHash, record: R): string;
}

export interface TokenRecord {
  readonly uid: string;
  readonly exp: number | null;
}

export interface TokenEntry<R extends TokenRecord> {
  readonly hash: TokenHash;
  readonly record: R;
}

/** The routes of a store as one kind of token records among others. */
export function routeRecordsOf(writer: RouteWriter): TokenRecordWriter<RouteRecord> {
  return {
    put: (epoch, hash, record) => writer.putRoute(epoch, hash, record),
    putMany: (epoch, entries) => writer.putRoutes(epoch, entries),
    deleteOf: (epoch, uid, keep) =>
      keep === undefined ? writer.deleteRoutes(epoch, uid) : writer.deleteRoutes(epoch, uid, keep),
    remove: (epoch, hashes) => writer.removeRoutes(epoch, hashes),
    revision: (hash, record) => writer.routeRevision(hash, record),
  };
}

export const DAMAGED = 'damaged';
export const UNINDEXED = 'unindexed';

export type RouteEntry = TokenEntry<RouteRecord>;

export type PutOutcome = 'written' | 'expired' | 'conflict';

/** The lowest epoch of a lease term is one above this. 2^20 epochs a term, exact in a double up to 2^32 terms. */
export function firstEpoch(leaseTransitions: number): number {
  return leaseTransitions * 2 ** 20;
}

export const LATER_TERM = 'a later lease term has written to it; asked again if this process still leads';

export interface StoreInventory {
  /** `uid` is what the record says of itself: not to be trusted when the revision is {@link DAMAGED}. */
  readonly routes: ReadonlyMap<TokenHash, TokenClaim>;
  readonly apiTokens: ReadonlyMap<TokenHash, TokenClaim>;
  readonly accounts: ReadonlyMap<string, { readonly revision: string }>;
}

export interface TokenClaim {
  readonly uid: string;
  readonly revision: string;
}

/**
 * The gateway's side. Reads reject with {@link StoreUnavailableError} within a bound, and with
 * {@link TamperedRecordError} for a record that this installation did not write. What a read returns may be kept only
 * if no invalidation of it arrived since the read was asked for. While changes cannot be heard every read rejects, so
 * whatever was answered will also be invalidated.
 */
export interface RouteReader {
  /** Connects and arms the invalidation; resolves at once, also when the store cannot be reached yet. */
  start(listener: InvalidationListener): Promise<void>;
  /** One round trip: the route and whether the store is verified, both of the same instant. */
  fetchRoute(hash: TokenHash): Promise<RouteLookup>;
  fetchApiToken(hash: TokenHash): Promise<ApiTokenLookup>;
  fetchAccount(uid: string): Promise<AccountLookup>;
  /**
   * Milliseconds (monotonic) since the invalidation channel last proved itself alive, counted from the sending of the
   * ping that was answered; `Infinity` before the first time.
   */
  staleness(): number;
  /** Store clock minus local clock, milliseconds; `undefined` before the first measurement. */
  clockOffset(): number | undefined;
  close(): Promise<void>;
}

export type RouteLookup =
  | { readonly verified: false }
  | { readonly verified: true; readonly route: RouteRecord | undefined };

export type ApiTokenLookup =
  | { readonly verified: false }
  | { readonly verified: true; readonly apiToken: ApiTokenRecord | undefined };

export type AccountLookup =
  | { readonly verified: false }
  | { readonly verified: true; readonly account: AccountRecord | undefined };

/** Told before anything could be served from what changed. */
export interface InvalidationListener {
  routeChanged(hash: TokenHash): void;
  apiTokenChanged(hash: TokenHash): void;
  accountChanged(uid: string): void;
  /** Everything may have changed: connection regained, store flushed, verification lost or regained. */
  allChanged(): void;
}
