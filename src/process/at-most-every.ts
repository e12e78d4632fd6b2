import type { Clock } from './clock.ts';

/**
 * Lets something happen at most once in a time, such as a log line about what goes on failing: the first at once, the next
 * when the pause after it is over. What falls into the pause is left out and not made good.
 */
export class AtMostEvery {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  #next = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
  }

  /** Whether it may happen now; after `true` the pause has begun. */
  claim(): boolean {
    const now = this.#clock.monotonic();
    if (now < this.#next) return false;
    this.#next = now + this.#milliseconds;
    return true;
  }

  /** Ends the pause: the next may happen at once. */
  reset(): void {
    this.#next = Number.NEGATIVE_INFINITY;
  }
}
