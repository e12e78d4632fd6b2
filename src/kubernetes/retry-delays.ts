import type { Clock } from '../process/clock.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * How long a failed key waits before it is tried again: the longer of its own exponential backoff and a bucket that all
 * keys share. The backoff slows one bad object down, the bucket keeps ten thousand from retrying at once. Numbers are
 * those of client-go: 5 ms doubling to 1000 s; 10 a second, 100 at once.
 */
export interface RetryDelaysOptions {
  clock: Clock;
  firstDelayMs?: number;
  longestDelayMs?: number;
  perSecond?: number;
  burst?: number;
}

/** However many keys fail together, one that fails next does not wait longer for its share. */
const LONGEST_SHARED_WAIT_MS = 30_000;

export class RetryDelays {
  readonly #failures = new Map<string, number>();
  readonly #bucket: TokenBucket;
  readonly #firstDelayMs: number;
  readonly #longestDelayMs: number;

  constructor(options: RetryDelaysOptions) {
    this.#firstDelayMs = options.firstDelayMs ?? 5;
    this.#longestDelayMs = options.longestDelayMs ?? 1_000_000;
    this.#bucket = new TokenBucket({
      clock: options.clock,
      perSecond: options.perSecond ?? 10,
      burst: options.burst ?? 100,
    });
  }

  /** Counts a failure of `key` and returns the milliseconds until its next try. */
  next(key: string): number {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    const backoff = Math.min(this.#firstDelayMs * 2 ** failures, this.#longestDelayMs);
    return Math.max(backoff, this.#bucket.reserve(LONGEST_SHARED_WAIT_MS));
  }

  /** Failures of `key` since it last succeeded. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
