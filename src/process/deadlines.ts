import type { Clock, Timer } from './clock.ts';

/**
 * Many deadlines, one timer. A timer each would cost a call more than its look-ups do, and almost no call reaches its
 * deadline. The timer stands at the earliest one; it is moved when an earlier one comes, left alone when one is removed,
 * and looks at all of them when it fires. A deadline fires at its time and at most once.
 */
export interface Deadline {
  /** On the monotonic clock. Not to be changed while it stands. */
  readonly due: number;
  expire(): void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #standing = new Set<Deadline>();
  #next = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(deadline: Deadline): void {
    this.#standing.add(deadline);
    if (deadline.due < this.#next) this.#arm(deadline.due);
  }

  remove(deadline: Deadline): void {
    this.#standing.delete(deadline);
  }

  /** None of those that stand will fire any more. */
  close(): void {
    this.#standing.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#next = Number.POSITIVE_INFINITY;
  }

  #arm(due: number): void {
    this.#timer?.cancel();
    this.#next = due;
    // At least 1 ms: a timer may fire a little before its time, and then the rest is waited for.
    const wait = Math.max(1, due - this.#clock.monotonic());
    this.#timer = Number.isFinite(due) ? this.#clock.setTimer(wait, () => this.#fire()) : undefined;
  }

  #fire(): void {
    const now = this.#clock.monotonic();
    this.#next = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    const over = [...this.#standing].filter(({ due }) => due <= now);
    for (const deadline of over) if (this.#standing.delete(deadline)) deadline.expire();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { due } of this.#standing) if (due < earliest) earliest = due;
    if (earliest < this.#next) this.#arm(earliest);
  }
}
