import type { Clock, Timer } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { IndexedHeap } from './indexed-heap.ts';

/**
 * Tells when instants of the wall clock have come. One heap and one timer serve any number of keys. A key is due only
 * when the wall clock stands at or after its instant, never because a timer says so: timers run on another clock, and
 * the longest one overflows. The timer is re-checked at least each minute, so a wall clock that is stepped forward is
 * noticed within a minute, and one stepped back delays. `onDue` is never called inside `set`.
 */
export interface ExpiryTimersOptions {
  clock: Clock;
  logger: Logger;
  /** The key's instant has come; it is set no longer. Should only enqueue. */
  onDue: (key: string) => void;
  recheckMs?: number;
}

export class ExpiryTimers {
  readonly #options: ExpiryTimersOptions;
  readonly #heap = new IndexedHeap();
  readonly #recheckMs: number;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: ExpiryTimersOptions) {
    this.#options = options;
    this.#recheckMs = options.recheckMs ?? 60_000;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** The instant set for `key`, in milliseconds since the epoch. */
  get(key: string): number | undefined {
    return this.#heap.get(key);
  }

  /** Sets or moves the key's instant (milliseconds since the epoch). One that has passed is due at once, in a timer. */
  set(key: string, instant: number): void {
    if (this.#stopped) return;
    this.#heap.set(key, instant);
    this.#arm();
  }

  clear(key: string): void {
    this.#heap.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#heap.clear();
  }

  /** Leaves an earlier timer as it is: it finds nothing due and arms the next one. */
  #arm(): void {
    const next = this.#heap.peek();
    if (this.#stopped || next === undefined) return;
    const { clock } = this.#options;
    const wait = Math.min(Math.max(next.rank - clock.now(), 0), this.#recheckMs);
    const at = clock.monotonic() + wait;
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = clock.setTimer(wait, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#options.clock.now();
    for (let next = this.#heap.peek(); next !== undefined && next.rank <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      this.#tell(next.key);
    }
    this.#arm();
  }

  #tell(key: string): void {
    try {
      this.#options.onDue(key);
    } catch (error) {
      this.#options.logger.error('The handler of an expiry failed', { key, error });
    }
  }
}
