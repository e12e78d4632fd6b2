import type { Clock, Timer } from './clock.ts';

/**
 * Many deadlines, one timer. A timer each would cost a call more than its look-ups do, and almost no call reaches its
 * deadline. The timer stands at the earliest one; it is moved when an earlier one comes, left alone when one is removed,
 * and looks at all of them when it fires. A deadline fires at its time and at most once.
 *
 * They stand in an array and each knows its place, because in a `Set` what was removed may live on. V8 gives a set in which
 * much was removed a new table, and the old table points to it; once a table has been moved to the old generation, as each
 * full collection does, it keeps all later ones alive until the next, and with them what was in them: a tenth of what calls
 * allocate.
 */
export interface Deadline {
  /** On the monotonic clock. Not to be changed while it stands. */
  readonly due: number;
  /** Its index among those that stand, else {@link NOWHERE}; written by {@link Deadlines} alone. */
  place: number;
  expire(): void;
}

/** The place of a deadline that does not stand. */
export const NOWHERE = -1;

export class Deadlines {
  readonly #clock: Clock;
  readonly #standing: Deadline[] = [];
  #next = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(deadline: Deadline): void {
    if (deadline.place === NOWHERE) deadline.place = this.#standing.push(deadline) - 1;
    if (deadline.due < this.#next) this.#arm(deadline.due);
  }

  /** Whether it stood. */
  remove(deadline: Deadline): boolean {
    const { place } = deadline;
    if (place === NOWHERE) return false;
    deadline.place = NOWHERE;
    const last = this.#standing.pop();
    if (last !== undefined && last !== deadline) {
      this.#standing[place] = last;
      last.place = place;
    }
    return true;
  }

  /** None of those that stand will fire any more. */
  close(): void {
    for (const deadline of this.#standing.splice(0)) deadline.place = NOWHERE;
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
    const over = this.#standing.filter(({ due }) => due <= now);
    for (const deadline of over) if (this.remove(deadline)) deadline.expire();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { due } of this.#standing) if (due < earliest) earliest = due;
    if (earliest < this.#next) this.#arm(earliest);
  }
}
