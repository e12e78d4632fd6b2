import type { Clock } from '../process/clock.ts';
import type { InvalidationListener, RouteReader } from '../routes/store.ts';
import { isToken } from '../routes/token.ts';
import type { CachedAccount, CachedRoute } from './cached-records.ts';
import { type Resolution, RouteCache, type RouteCacheOptions, type UnavailableCause } from './route-cache.ts';

/**
 * Decides what a request with a token gets. This is where expiry and revocation are kept: the token's `exp` is compared
 * with the clock on every request, also when the route is cached; a store whose invalidations have not been heard of for
 * `staleFor` serves nothing. Of the local clock and the store's, whichever reaches `exp` first ends the token. Unknown,
 * malformed, expired, revoked and suspended tokens all come out as the one value {@link NOT_FOUND}.
 */
export type Decision =
  | { readonly kind: 'serve'; readonly route: CachedRoute; readonly account: CachedAccount; readonly now: number }
  | { readonly kind: 'notFound' }
  | {
      readonly kind: 'unavailable';
      readonly cause: UnavailableCause | 'stale' | 'account';
      readonly retryAfterSeconds: number;
    };

export const NOT_FOUND: Decision = { kind: 'notFound' };

/** A difference of clocks, in milliseconds, beyond which a gateway is not ready. */
export const MAX_CLOCK_OFFSET = 2_000;
const RETRY_STORE = 2;
const RETRY_ACCOUNT = 30;

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
      apiTokenChanged: (hash) => then?.apiTokenChanged?.(hash),
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

  admit(token: string): Decision | Promise<Decision> {
    if (!isToken(token)) return NOT_FOUND;
    if (this.isStale()) return { kind: 'unavailable', cause: 'stale', retryAfterSeconds: RETRY_STORE };
    const resolution = this.routes.resolve(token);
    return resolution instanceof Promise
      ? resolution.then((settled) => (this.isStale() ? STALE : this.#decide(token, settled)))
      : this.#decide(token, resolution);
  }

  /** The present moment as it counts against tokens: the later of the local clock and the store's. */
  now(): number {
    return this.#clock.now() + Math.max(0, this.#reader.clockOffset() ?? 0);
  }

  hasExpired(route: CachedRoute): boolean {
    return route.record.exp !== null && route.record.exp <= this.now();
  }

  isStale(): boolean {
    return !(this.#reader.staleness() <= this.#staleFor);
  }

  /** Store clock minus local clock when they differ too much to be trusted, else `undefined`. */
  clockDisagreement(): number | undefined {
    const offset = this.#reader.clockOffset();
    return offset !== undefined && Math.abs(offset) > MAX_CLOCK_OFFSET ? offset : undefined;
  }

  #decide(token: string, resolution: Resolution): Decision {
    const decision = decide(resolution, this.now());
    if (decision === NOT_FOUND && resolution.kind === 'found') this.routes.forget(token);
    return decision;
  }
}

const STALE: Decision = { kind: 'unavailable', cause: 'stale', retryAfterSeconds: RETRY_STORE };
const NO_ACCOUNT: Decision = { kind: 'unavailable', cause: 'account', retryAfterSeconds: RETRY_ACCOUNT };

/** The rule itself, over plain data: what is known of a token, and the present moment. */
export function decide(resolution: Resolution, now: number): Decision {
  if (resolution.kind === 'unknown') return NOT_FOUND;
  if (resolution.kind === 'unavailable') {
    return { kind: 'unavailable', cause: resolution.cause, retryAfterSeconds: RETRY_STORE };
  }
  const { route, account } = resolution;
  if (route.record.exp !== null && route.record.exp <= now) return NOT_FOUND;
  if (route.record.state === 'unavailable' || account === undefined || account.tiers.length === 0) return NO_ACCOUNT;
  return { kind: 'serve', route, account, now };
}
