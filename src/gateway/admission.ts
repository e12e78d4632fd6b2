import type { Clock } from '../process/clock.ts';
import type { InvalidationListener, RouteReader } from '../routes/store.ts';
import { isToken } from '../routes/token.ts';
import type { ApiTokenResolution, CachedApiToken } from './api-token-cache.ts';
import type { CachedAccount, CachedRoute } from './cached-records.ts';
import { type Resolution, RouteCache, type RouteCacheOptions } from './route-cache.ts';
import type { UnavailableCause } from './store-fetches.ts';

/**
 * Decides what a request with a token gets. This is where expiry and revocation are kept: the token's `exp` is compared
 * with the clock on every request, also when the route is cached; a store whose invalidations have not been heard of for
 * `staleFor` serves nothing. Of the local clock and the store's, whichever reaches `exp` first ends the token. Unknown,
 * malformed, expired, revoked and suspended tokens all come out as the one value {@link NOT_FOUND}.
 *
 * A server may ask for an API token besides. It is judged only when the token itself is good, by the same clock and from
 * the same store; whatever is wrong with it comes out as `unauthorized`, which does not say what.
 */
export type Decision =
  | {
      readonly kind: 'serve';
      readonly route: CachedRoute;
      readonly account: CachedAccount;
      /** The one that the server asked for; `undefined` when it asks for none. */
      readonly apiToken: CachedApiToken | undefined;
      readonly now: number;
    }
  | { readonly kind: 'unauthorized'; readonly route: CachedRoute }
  | { readonly kind: 'notFound' }
  | {
      readonly kind: 'unavailable';
      readonly cause: UnavailableCause | 'stale' | 'account';
      readonly retryAfterSeconds: number;
    };

export const NOT_FOUND: Decision = { kind: 'notFound' };

/** A difference of clocks, in milliseconds, beyond which a gateway is not ready. */
const MAX_CLOCK_OFFSET = 2_000;
const RETRY_STORE = 2;
const RETRY_ACCOUNT = 30;

/** An API token as a client sent it, or none; `null` when it could not send one, because the header held the token itself. */
export type Presented = string | undefined | null;

/** How often caches may change under one judgement before the client is asked to come back. */
const ROUNDS = 5;

export interface AdmissionOptions extends Omit<RouteCacheOptions, 'reader'> {
  reader: RouteReader;
  clock: Clock;
  /** Milliseconds without a sign of life from the invalidation channel after which nothing is served. */
  staleFor?: number;
}

export class Admission {
  readonly routes: RouteCache;
  readonly #reader: RouteReader;
  readonly #clock: Clock;
  readonly #staleFor: number;

  constructor(options: AdmissionOptions) {
    this.routes = new RouteCache(options);
    this.#reader = options.reader;
    this.#clock = options.clock;
    this.#staleFor = options.staleFor ?? 5_000;
  }

  /** Subscribes to invalidations; `then` hears of each after the cache has dropped what it concerns. */
  start(then?: Partial<InvalidationListener>): Promise<void> {
    return this.#reader.start({
      routeChanged: (hash) => {
        this.routes.routeChanged(hash);
        then?.routeChanged?.(hash);
      },
      apiTokenChanged: (hash) => {
        this.routes.apiTokenChanged(hash);
        then?.apiTokenChanged?.(hash);
      },
      accountChanged: (uid) => {
        this.routes.accountChanged(uid);
        then?.accountChanged?.(uid);
      },
      allChanged: () => {
        this.routes.allChanged();
        then?.allChanged?.();
      },
    });
  }

  admit(token: string, presented?: Presented): Decision | Promise<Decision> {
    if (this.isStale()) return isToken(token) ? STALE : NOT_FOUND;
    const resolution = this.routes.resolve(token);
    if (resolution instanceof Promise) return this.#admitLater(token, presented);
    return this.#decide(token, resolution, presented) ?? this.#admitLater(token, presented);
  }

  /** The last look is at caches alone, so that token and API token were good at one and the same moment. */
  async #admitLater(token: string, presented: Presented): Promise<Decision> {
    for (let round = 0; round < ROUNDS; round++) {
      const resolution = await this.routes.resolve(token);
      if (this.isStale()) return STALE;
      const decision = this.#decide(token, resolution, presented);
      if (decision !== undefined || typeof presented !== 'string') return decision ?? CHANGING;
      const apiToken = await this.routes.apiTokens.resolve(presented);
      if (apiToken.kind === 'unavailable') return unavailable(apiToken.cause);
    }
    return CHANGING;
  }

  /** The present moment as it counts against tokens: the later of the local clock and the store's. */
  now(): number {
    return this.#clock.now() + Math.max(0, this.#reader.clockOffset() ?? 0);
  }

  /** When what was served ends by itself: with its token or with its API token; `undefined` for never. */
  endOf({ route, apiToken }: { route: CachedRoute; apiToken: CachedApiToken | undefined }): number | undefined {
    const own = route.record.exp ?? Number.POSITIVE_INFINITY;
    const end = Math.min(own, apiToken?.record.exp ?? Number.POSITIVE_INFINITY);
    return end === Number.POSITIVE_INFINITY ? undefined : end;
  }

  isStale(): boolean {
    return !(this.#reader.staleness() <= this.#staleFor);
  }

  /** Store clock minus local clock when they differ too much to be trusted, else `undefined`. */
  clockDisagreement(): number | undefined {
    const offset = this.#reader.clockOffset();
    return offset !== undefined && Math.abs(offset) > MAX_CLOCK_OFFSET ? offset : undefined;
  }

  /** `undefined` when an API token must be asked for first. */
  #decide(token: string, resolution: Resolution, presented: Presented): Decision | undefined {
    const now = this.now();
    const needsApiToken = resolution.kind === 'found' && resolution.route.record.auth === 'api-token';
    const apiToken = needsApiToken ? this.#apiToken(presented) : undefined;
    const decision = decide(resolution, now, apiToken);
    if (decision === NOT_FOUND && resolution.kind === 'found' && hasEnded(resolution.route.record.exp, now)) {
      this.routes.forget(token);
    }
    return decision;
  }

  #apiToken(presented: Presented): ApiTokenResolution | 'impossible' | 'unfetched' {
    if (presented === null) return 'impossible';
    if (presented === undefined || !isToken(presented)) return { kind: 'unknown' };
    return this.routes.apiTokens.lookUp(presented) ?? 'unfetched';
  }
}

function unavailable(cause: UnavailableCause): Decision {
  return { kind: 'unavailable', cause, retryAfterSeconds: RETRY_STORE };
}

const CHANGING: Decision = unavailable('changing');
const STALE: Decision = { kind: 'unavailable', cause: 'stale', retryAfterSeconds: RETRY_STORE };
const NO_ACCOUNT: Decision = { kind: 'unavailable', cause: 'account', retryAfterSeconds: RETRY_ACCOUNT };

/**
 * The rule itself, over plain data: what is known of a token and of an API token, and the present moment. `apiToken` is
 * `undefined` for a server that asks for none; the answer is `undefined` while it must be fetched.
 */
export function decide(
  resolution: Resolution,
  now: number,
  apiToken?: ApiTokenResolution | 'impossible' | 'unfetched',
): Decision | undefined {
  if (resolution.kind === 'unknown') return NOT_FOUND;
  if (resolution.kind === 'unavailable') return unavailable(resolution.cause);
  const { route, account } = resolution;
  if (route.record.exp !== null && route.record.exp <= now) return NOT_FOUND;
  if (apiToken === 'impossible') return NOT_FOUND;
  if (apiToken === 'unfetched') return undefined;
  if (apiToken !== undefined && !admits(apiToken, route, now)) return { kind: 'unauthorized', route };
  if (route.record.state === 'unavailable' || account === undefined || account.tiers.length === 0) return NO_ACCOUNT;
  return { kind: 'serve', route, account, apiToken: apiToken?.kind === 'found' ? apiToken.apiToken : undefined, now };
}

function admits(resolution: ApiTokenResolution, route: CachedRoute, now: number): boolean {
  if (resolution.kind !== 'found') return false;
  const { exp, namespace, scopes, servers } = resolution.apiToken.record;
  if (hasEnded(exp, now) || namespace !== route.record.namespace || !scopes.includes('connect')) return false;
  return servers.includes(route.record.name) || servers.includes('*');
}

function hasEnded(exp: number | null, now: number): boolean {
  return exp !== null && exp <= now;
}
