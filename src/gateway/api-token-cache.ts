import type { Clock } from '../process/clock.ts';
import { RecentMap } from '../process/recent-map.ts';
import type { ApiTokenRecord } from '../routes/records.ts';
import type { RouteReader } from '../routes/store.ts';
import { fingerprint, hashToken, type TokenHash } from '../routes/token.ts';
import type { Flights, StoreFetches, UnavailableCause } from './store-fetches.ts';

/**
 * What the gateway remembers of API tokens, by the rules of the route cache and through the same fetches: keyed by the
 * token as it was sent, dropped at once when the store says that it changed, unknown ones remembered briefly and apart.
 * It does not judge time or rights: see admission.ts.
 */
export interface CachedApiToken {
  /** As the client sent it, for judging it again; goes nowhere else. */
  readonly token: string;
  readonly hash: TokenHash;
  readonly fingerprint: string;
  readonly record: ApiTokenRecord;
}

export type ApiTokenResolution =
  | { readonly kind: 'found'; readonly apiToken: CachedApiToken }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly cause: UnavailableCause };

export interface ApiTokenCacheOptions {
  reader: Pick<RouteReader, 'fetchApiToken'>;
  clock: Clock;
  fetches: StoreFetches;
  maxApiTokens?: number;
  maxUnknown?: number;
  /** How long an unknown token is remembered, milliseconds. */
  unknownFor?: number;
}

const ROUNDS = 5;

interface UnknownEntry {
  readonly hash: TokenHash;
  readonly until: number;
}

export class ApiTokenCache {
  readonly #options: ApiTokenCacheOptions;
  readonly #unknownFor: number;
  readonly #known: RecentMap<string, CachedApiToken>;
  readonly #unknown: RecentMap<string, UnknownEntry>;
  readonly #tokenOf = new Map<TokenHash, string>();
  readonly #flights: Flights = new Map();

  constructor(options: ApiTokenCacheOptions) {
    this.#options = options;
    this.#unknownFor = options.unknownFor ?? 1_000;
    const forget = ({ hash }: { hash: TokenHash }, token: string) => {
      if (this.#tokenOf.get(hash) === token) this.#tokenOf.delete(hash);
    };
    this.#known = new RecentMap<string, CachedApiToken>({
      max: options.maxApiTokens ?? 50_000,
      dropped: forget,
    });
    this.#unknown = new RecentMap<string, UnknownEntry>({
      max: options.maxUnknown ?? 10_000,
      dropped: forget,
    });
  }

  resolve(token: string): ApiTokenResolution | Promise<ApiTokenResolution> {
    return this.lookUp(token) ?? this.#load(token);
  }

  changed(hash: TokenHash): void {
    this.#options.fetches.overtake(this.#flights, hash);
    const token = this.#tokenOf.get(hash);
    if (token === undefined) return;
    this.#known.delete(token);
    this.#unknown.delete(token);
  }

  clear(): void {
    this.#options.fetches.overtakeAll(this.#flights);
    this.#known.clear();
    this.#unknown.clear();
    this.#tokenOf.clear();
  }

  /** Without asking the store; `undefined` when only it can tell. */
  lookUp(token: string): ApiTokenResolution | undefined {
    const apiToken = this.#known.get(token);
    if (apiToken !== undefined) return { kind: 'found', apiToken };
    const unknown = this.#unknown.get(token);
    return unknown !== undefined && unknown.until > this.#options.clock.monotonic() ? { kind: 'unknown' } : undefined;
  }

  async #load(token: string): Promise<ApiTokenResolution> {
    const { fetches, reader } = this.#options;
    const hash = hashToken(token);
    for (let round = 0; round < ROUNDS; round++) {
      if (fetches.pausing) return { kind: 'unavailable', cause: 'unverified' };
      const failed = await fetches.fetch(
        this.#flights,
        hash,
        () => reader.fetchApiToken(hash),
        (lookup) => this.#keep(token, hash, 'apiToken' in lookup ? lookup.apiToken : undefined),
      );
      if (failed !== undefined) return { kind: 'unavailable', cause: failed };
      // Only what is in the cache now counts: an invalidation may have arrived since the fetch was answered.
      const known = this.lookUp(token);
      if (known !== undefined) return known;
    }
    return { kind: 'unavailable', cause: 'changing' };
  }

  #keep(token: string, hash: TokenHash, record: ApiTokenRecord | undefined): void {
    if (record === undefined) {
      this.#unknown.set(token, { hash, until: this.#options.clock.monotonic() + this.#unknownFor });
    } else {
      this.#unknown.delete(token);
      this.#known.set(token, { token, hash, fingerprint: fingerprint(hash), record });
    }
    this.#tokenOf.set(hash, token);
  }
}
