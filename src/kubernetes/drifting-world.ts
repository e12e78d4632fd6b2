import type { Clock, Timer } from '../process/clock.ts';

/**
 * A world of processes for tests of what must hold between them: one true time, and for each process a clock of its own
 * speed that can be frozen, as `SIGSTOP` does. While a process is frozen its clock goes on but nothing of it runs; what
 * fell due meanwhile runs when it thaws: first what arrived over the network, then its timers, as Node's event loop does.
 */
interface Happening {
  at: number;
  readonly order: number;
  readonly options: HappeningOptions;
  readonly run: () => void;
}

interface HappeningOptions {
  /** The process in which it happens, if any. */
  readonly process?: ProcessClock;
  readonly isTimer?: boolean;
}

export class DriftingWorld {
  #now = 0;
  #order = 0;
  #happenings: Happening[] = [];

  /** True milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** Calls `run` at a true time, in a process if one is given. Returns how to prevent it. */
  schedule(inMs: number, run: () => void, options: HappeningOptions = {}): () => void {
    const happening = { at: this.#now + Math.max(inMs, 0), order: this.#order++, options, run };
    this.#happenings.push(happening);
    return () => {
      this.#happenings = this.#happenings.filter((other) => other !== happening);
    };
  }

  /** Lets `milliseconds` of true time pass; `observe` is called after everything that happens. */
  async pass(milliseconds: number, observe: () => void): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      observe();
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#now = next.at;
      const thaw = next.options.process?.frozenUntil ?? 0;
      if (thaw > this.#now) {
        next.at = thaw;
        continue;
      }
      this.#happenings = this.#happenings.filter((other) => other !== next);
      observe();
      next.run();
    }
    this.#now = end;
    observe();
  }

  #next(): Happening | undefined {
    return this.#happenings.reduce<Happening | undefined>(
      (first, other) => (first === undefined || isBefore(other, first) ? other : first),
      undefined,
    );
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  const isTimer = ({ options }: Happening) => Number(options.isTimer ?? false);
  return (a.at - b.at || isTimer(a) - isTimer(b) || a.order - b.order) < 0;
}

export class ProcessClock implements Clock {
  readonly #world: DriftingWorld;
  readonly #speed: number;
  readonly #wallOffset: number;
  #frozenUntil = 0;

  constructor(world: DriftingWorld, options: { speed?: number; wallOffset?: number } = {}) {
    this.#world = world;
    this.#speed = options.speed ?? 1;
    this.#wallOffset = options.wallOffset ?? Date.parse('2026-01-01T00:00:00Z');
  }

  /** True time at which the process runs again. */
  get frozenUntil(): number {
    return this.#frozenUntil;
  }

  freeze(milliseconds: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#world.now + milliseconds);
  }

  now(): number {
    return Math.round(this.#wallOffset + this.monotonic());
  }

  monotonic(): number {
    return this.#world.now * this.#speed;
  }

  setTimer(milliseconds: number, callback: () => void): Timer {
    return { cancel: this.#world.schedule(milliseconds / this.#speed, callback, { process: this, isTimer: true }) };
  }
}
