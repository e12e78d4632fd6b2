import type { Clock } from '../process/clock.ts';
import { RecentMap } from '../process/recent-map.ts';
import type { AccountRecord, RouteRecord } from '../routes/records.ts';
import type { AccountLookup, InvalidationListener, RouteLookup, RouteReader } from '../routes/store.ts';
import { hashToken, isToken, type TokenHash } from '../routes/token.ts';
import { ApiTokenCache } from './api-token-cache.ts';
import { type CachedAccount, type CachedRoute, cachedAccount, cachedRoute, FilterPool } from './cached-records.ts';
import { type Flights, StoreFetches, type UnavailableCause } from './store-fetches.ts';

/**
 * What the gateway remembers of the route store. Keyed by the raw token, so that a known token costs one map look-up and
 * no hash. Guarantees: one fetch at a time for a route or account, however many ask; a fetch that an invalidation
 * overtakes is neither kept nor answered, but repeated; whatever an unverified store was ever seen to say clears
 * everything; unknown tokens are remembered briefly and apart, so that guessing cannot push out live routes. It does not
 * judge time: see admission.ts.
 */
export type Resolution =
  | { readonly kind: 'found'; readonly route: CachedRoute; readonly account: CachedAccount | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly cause: UnavailableCause };

export interface RouteCacheOptions {
  reader: Pick<RouteReader, 'fetchRoute' | 'fetchApiToken' | 'fetchAccount'>;
  clock: Clock;
  maxRoutes?: number;
  maxAccounts?: number;
  maxUnknown?: number;
  /** How long an unknown token or missing account is remembered, milliseconds. */
  unknownFor?: number;
  /** Fetches in flight at a time; more are answered `busy`. */
  maxFetches?: number;
  fetchTimeout?: number;
  onFetchFailed?: (error: unknown) => void;
}

const UNKNOWN: Resolution = { kind: 'unknown' };
/** After this many fetches that invalidations overtook, the client is asked to come back. */
const ROUNDS = 5;

type AccountEntry = { readonly account: CachedAccount } | { readonly missingUntil: number };
interface UnknownEntry {
  readonly hash: TokenHash;
  readonly until: number;
}

export class RouteCache implements InvalidationListener {
  readonly apiTokens: ApiTokenCache;
  readonly counts = { hits: 0, misses: 0, unknownHits: 0, fetches: 0, fetchesFailed: 0, fetchesOvertaken: 0 };
  readonly #options: Required<RouteCacheOptions>;
  readonly #routes: RecentMap<string, CachedRoute>;
  readonly #unknown: RecentMap<string, UnknownEntry>;
  readonly #accounts: RecentMap<string, AccountEntry>;
  readonly #filters = new FilterPool();
  readonly #tokenOf = new Map<TokenHash, string>();
  readonly #routeFlights: Flights = new Map();
  readonly #accountFlights: Flights = new Map();
  readonly #fetches: StoreFetches;

  constructor(options: RouteCacheOptions) {
    this.#options = {
      maxRoutes: 200_000,
      maxAccounts: 50_000,
      maxUnknown: 10_000,
      unknownFor: 1_000,
      maxFetches: 4_096,
      fetchTimeout: 2_000,
      onFetchFailed: () => undefined,
      ...options,
    };
    const forget = (entry: { hash: TokenHash }, token: string) => {
      if (this.#tokenOf.get(entry.hash) === token) this.#tokenOf.delete(entry.hash);
    };
    this.#routes = new RecentMap<string, CachedRoute>({ max: this.#options.maxRoutes, dropped: forget });
    this.#unknown = new RecentMap<string, UnknownEntry>({ max: this.#options.maxUnknown, dropped: forget });
    this.#accounts = new RecentMap({ max: this.#options.maxAccounts });
    this.#fetches = new StoreFetches({ ...this.#options, counts: this.counts, onUnverified: () => this.#clear() });
    this.apiTokens = new ApiTokenCache({ ...options, fetches: this.#fetches });
  }

  /** Answers at once when everything is known, which is the hot path; otherwise after one or two fetches. */
  resolve(token: string): Resolution | Promise<Resolution> {
    const known = this.#known(token);
    if (known === undefined) {
      // What is in the cache is a token; only what is not has to be looked at.
      if (!isToken(token)) return UNKNOWN;
      this.counts.misses++;
      return this.#load(token);
    }
    if (known.kind === 'found') this.counts.hits++;
    else this.counts.unknownHits++;
    return known;
  }

  /** Forgets a token, for instance because it has expired. */
  forget(token: string): void {
    this.#routes.delete(token);
  }

  get size(): number {
    return this.#routes.size;
  }

  routeChanged(hash: TokenHash): void {
    this.#fetches.overtake(this.#routeFlights, hash);
    const token = this.#tokenOf.get(hash);
    if (token === undefined) return;
    this.#routes.delete(token);
    this.#unknown.delete(token);
  }

  apiTokenChanged(hash: TokenHash): void {
    this.apiTokens.changed(hash);
  }

  accountChanged(uid: string): void {
    this.#fetches.overtake(this.#accountFlights, uid);
    this.#accounts.delete(uid);
  }

  allChanged(): void {
    this.#fetches.endPause();
    this.#clear();
  }

  #known(token: string): Resolution | undefined {
    const route = this.#routes.get(token);
    if (route === undefined) {
      const unknown = this.#unknown.get(token);
      return unknown !== undefined && unknown.until > this.#options.clock.monotonic() ? UNKNOWN : undefined;
    }
    if (route.record.accountUid === null) return { kind: 'found', route, account: undefined };
    const entry = this.#accounts.get(route.record.accountUid);
    if (entry === undefined) return undefined;
    if ('account' in entry) return { kind: 'found', route, account: entry.account };
    if (entry.missingUntil <= this.#options.clock.monotonic()) return undefined;
    return { kind: 'found', route, account: undefined };
  }

  async #load(token: string): Promise<Resolution> {
    const hash = hashToken(token);
    for (let round = 0; round < ROUNDS; round++) {
      if (this.#fetches.pausing) return { kind: 'unavailable', cause: 'unverified' };
      const accountUid = this.#routes.get(token)?.record.accountUid;
      const failed = await (typeof accountUid === 'string'
        ? this.#fetchAccount(accountUid)
        : this.#fetchRoute(token, hash));
      if (failed !== undefined) return { kind: 'unavailable', cause: failed };
      // Only what is in the cache now counts: an invalidation may have arrived since the fetch was answered.
      const known = this.#known(token);
      if (known !== undefined) return known;
    }
    return { kind: 'unavailable', cause: 'changing' };
  }

  #fetchRoute(token: string, hash: TokenHash): Promise<UnavailableCause | undefined> {
    return this.#fetches.fetch<RouteLookup>(
      this.#routeFlights,
      hash,
      () => this.#options.reader.fetchRoute(hash),
      (lookup) => this.#keepRoute(token, hash, lookup.verified ? lookup.route : undefined),
    );
  }

  #fetchAccount(uid: string): Promise<UnavailableCause | undefined> {
    return this.#fetches.fetch<AccountLookup>(
      this.#accountFlights,
      uid,
      () => this.#options.reader.fetchAccount(uid),
      (lookup) => this.#keepAccount(uid, lookup.verified ? lookup.account : undefined),
    );
  }

  #keepRoute(token: string, hash: TokenHash, record: RouteRecord | undefined): void {
    if (record === undefined) {
      this.#unknown.set(token, { hash, until: this.#options.clock.monotonic() + this.#options.unknownFor });
    } else {
      this.#unknown.delete(token);
      this.#routes.set(token, cachedRoute(hash, record, this.#filters));
    }
    this.#tokenOf.set(hash, token);
  }

  #keepAccount(uid: string, record: AccountRecord | undefined): void {
    this.#accounts.set(
      uid,
      record === undefined
        ? { missingUntil: this.#options.clock.monotonic() + this.#options.unknownFor }
        : { account: cachedAccount(record) },
    );
  }

  #clear(): void {
    this.#fetches.overtakeAll(this.#routeFlights);
    this.#fetches.overtakeAll(this.#accountFlights);
    this.apiTokens.clear();
    this.#routes.clear();
    this.#unknown.clear();
    this.#accounts.clear();
    this.#tokenOf.clear();
  }
}
