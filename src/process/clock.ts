/**
 * Time as a dependency. Wall-clock milliseconds are for instants (`expiresAt`), monotonic milliseconds for durations
 * (leases, staleness). Production code takes a {@link Clock}; nothing outside this file calls `Date.now` or `setTimeout`
 * for a decision. {@link FakeClock} runs timers in order of their due time when a test advances it, and can step the
 * wall clock alone, as a badly set machine does.
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic clock, milliseconds since an arbitrary start. Never steps. */
  monotonic(): number;
  /** Runs `callback` once after `milliseconds` (clamped to 0..2^31-1, the range of `setTimeout`). */
  setTimer(milliseconds: number, callback: () => void): Timer;
}

const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(milliseconds, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(milliseconds, 0), LONGEST_TIMEOUT));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `milliseconds` of `clock`, or at once when `signal` aborts. */
export function delay(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const onAbort = () => {
      timer.cancel();
      resolve();
    };
    const timer = clock.setTimer(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface PendingTimer {
  due: number;
  order: number;
  callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #monotonic = 0;
  #offset: number;
  #order = 0;
  #pending: PendingTimer[] = [];

  constructor(start: number | string = '2026-01-01T00:00:00Z') {
    this.#offset = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#offset + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(milliseconds: number, callback: () => void): Timer {
    const clamped = Math.min(Math.max(milliseconds, 0), LONGEST_TIMEOUT);
    const timer = { due: this.#monotonic + clamped, order: this.#order++, callback };
    this.#pending.push(timer);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== timer);
      },
    };
  }

  /** Milliseconds until the next timer is due, or `undefined` when none is pending. */
  nextTimer(): number | undefined {
    if (this.#pending.length === 0) return undefined;
    return Math.max(0, Math.min(...this.#pending.map((timer) => timer.due)) - this.#monotonic);
  }

  /** Moves both clocks forward, firing due timers in order; each sees the clock at its due time. */
  advance(milliseconds: number): void {
    const end = this.#monotonic + milliseconds;
    for (;;) {
      const next = this.#pending
        .filter((timer) => timer.due <= end)
        .sort((a, b) => a.due - b.due || a.order - b.order)[0];
      if (next === undefined) break;
      this.#pending = this.#pending.filter((timer) => timer !== next);
      this.#monotonic = Math.max(this.#monotonic, next.due);
      next.callback();
    }
    this.#monotonic = end;
  }

  /** As {@link advance}, but lets promise reactions run between timers. */
  async advanceAsync(milliseconds: number): Promise<void> {
    const end = this.#monotonic + milliseconds;
    for (;;) {
      await settle();
      const wait = this.nextTimer();
      if (wait === undefined || this.#monotonic + wait > end) break;
      this.advance(wait);
    }
    this.advance(end - this.#monotonic);
    await settle();
  }

  /** Steps the wall clock alone by `milliseconds` (may be negative). */
  step(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}

/** Lets pending promise reactions and immediates run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
