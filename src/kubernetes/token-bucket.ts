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

  /** Takes a token, if need be one of the future, and returns the milliseconds until it exists. */
  reserve(): number {
    this.#refill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#options.perSecond) * 1000;
  }

  #refill(): void {
    const { clock, perSecond, burst } = this.#options;
    const now = clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1000) * perSecond);
    this.#refilledAt = now;
  }
}
