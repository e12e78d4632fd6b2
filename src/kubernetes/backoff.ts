import type { Clock } from '../process/clock.ts';
import type { Random } from '../process/random.ts';

/**
 * Waits between the attempts of one loop: doubling with jitter up to a bound, and back to the first one once nothing
 * has failed for a while. The jitter keeps many replicas from returning at the same moment.
 */
export interface BackoffOptions {
  clock: Clock;
  random: Random;
  firstMs?: number;
  longestMs?: number;
  /** Each wait is stretched by a random factor between 1 and 1 + jitter. */
  jitter?: number;
  /** A failure this long after the end of the last wait starts over. */
  resetAfterMs?: number;
}

export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #nextMs: number;
  #lastEnd = Number.NEGATIVE_INFINITY;

  constructor(options: BackoffOptions) {
    this.#options = { firstMs: 800, longestMs: 30_000, jitter: 1, resetAfterMs: 120_000, ...options };
    this.#nextMs = this.#options.firstMs;
  }

  /** Milliseconds to wait after a failure. */
  next(): number {
    const { clock, random, firstMs, longestMs, jitter, resetAfterMs } = this.#options;
    const now = clock.monotonic();
    if (now - this.#lastEnd >= resetAfterMs) this.#nextMs = firstMs;
    const wait = this.#nextMs * (1 + random.fraction() * jitter);
    this.#nextMs = Math.min(this.#nextMs * 2, longestMs);
    this.#lastEnd = now + wait;
    return wait;
  }
}
