import type { Clock } from '../process/clock.ts';

/**
 * A bucket of `burst` tokens, refilled at `perSecond` on the monotonic clock. `tryTake` is for work that may be
 * dropped; `reserve` is for work that must happen later instead: it always takes a token and says how long to wait.
 */
export interface TokenBucketOptions {
  clock: Clock;
  perSecond: number;
  burst: number;
}

export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #refilledAt: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#refilledAt = options.clock.monotonic();
  }

  /** True when a token was there and is now taken. */
  tryTake(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /**
   * Takes a token, if need be one of the future, and returns the milliseconds until it exists. One that is further away
   * than `longestMs` is not taken: who comes then waits that long and shares what there is, so that a debt has a bound.
   */
  reserve(longestMs = Number.POSITIVE_INFINITY): number {
    this.#refill();
    const wait = ((1 - this.#tokens) / this.#options.perSecond) * 1000;
    if (wait > longestMs) return longestMs;
    this.#tokens -= 1;
    return Math.max(wait, 0);
  }

  #refill(): void {
    const { clock, perSecond, burst } = this.#options;
    const now = clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1000) * perSecond);
    this.#refilledAt = now;
  }
}
