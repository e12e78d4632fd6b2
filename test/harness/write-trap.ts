/**
 * Every write of one process passes here, as its two proxies see them (to the API server, to Redis), and each can be made
 * the process's last: `before` (the write never leaves) or `after` (it takes effect, and its answer is never heard). A
 * write can also be held back and let go much later. The process itself knows nothing of it.
 */
export interface RecordedWrite {
  readonly via: 'api' | 'redis';
  /** Class and object: `PATCH crispmcpservers/support/status`, `redis put-route`. Never a token. */
  readonly what: string;
  /** When it reached the proxy, monotonic milliseconds. */
  readonly at: number;
  /** What the server answered: an HTTP status or the outcome of a script. `undefined`: not answered yet. */
  outcome: string | undefined;
  /** When it was answered, wall clock. */
  answeredAt: number | undefined;
}

export interface CrashPoint {
  readonly what: string;
  /** The how manieth of this name, from 1. */
  readonly occurrence: number;
  readonly when: 'before' | 'after';
}

export interface HeldWrite {
  /** Resolves when the process sends it. */
  readonly caught: Promise<RecordedWrite>;
  /** Lets it go on to the server; resolves to the outcome. */
  release(): Promise<string>;
}

const LOST = 'lost';

interface Hold {
  readonly matches: (what: string) => boolean;
  readonly catch: (write: RecordedWrite) => void;
  readonly released: Promise<void>;
  readonly answered: (outcome: string) => void;
}

export class WriteTrap {
  #writes: RecordedWrite[] = [];
  #armed: { readonly point: CrashPoint; readonly crash: () => void } | undefined;
  #seen = 0;
  #sprung = false;
  #holds: Hold[] = [];
  readonly #held = new WeakMap<RecordedWrite, Hold>();

  /** All since the last {@link forget}, in the order in which they came. */
  get writes(): readonly RecordedWrite[] {
    return this.#writes;
  }

  /** The process was crashed: nothing of it passes any more. */
  get sprung(): boolean {
    return this.#sprung;
  }

  /** The process crashes at that write; `crash` must end it at once. */
  arm(point: CrashPoint, crash: () => void): void {
    this.#armed = { point, crash };
    this.#seen = 0;
  }

  /** For the next process. What the last one did not see answered never will be. */
  reset(): void {
    this.#armed = undefined;
    this.#sprung = false;
    for (const write of this.#writes) write.outcome ??= LOST;
  }

  forget(): void {
    this.#writes = [];
  }

  /** Milliseconds since the last write came or was answered. */
  quietFor(): number {
    const now = Date.now();
    const last = Math.max(0, ...this.#writes.map((write) => write.answeredAt ?? 0));
    return this.#writes.some((write) => write.outcome === undefined) ? 0 : now - last;
  }

  /** The next write whose name `matches`. */
  hold(matches: (what: string) => boolean): HeldWrite {
    const caught = Promise.withResolvers<RecordedWrite>();
    const released = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<string>();
    const hold = { matches, catch: caught.resolve, released: released.promise, answered: answered.resolve };
    this.#holds.push(hold);
    return {
      caught: caught.promise,
      async release() {
        released.resolve();
        return await answered.promise;
      },
    };
  }

  /** For the proxies: whether the write may go on to the server. */
  async admit(via: RecordedWrite['via'], what: string): Promise<RecordedWrite | undefined> {
    if (this.#sprung) return undefined;
    const write: RecordedWrite = { via, what, at: performance.now(), outcome: undefined, answeredAt: undefined };
    if (this.#reached(what, 'before')) return undefined;
    this.#writes.push(write);
    const hold = this.#holds.find(({ matches }) => matches(what));
    if (hold !== undefined) {
      this.#holds = this.#holds.filter((other) => other !== hold);
      this.#held.set(write, hold);
      hold.catch(write);
      await hold.released;
    }
    return write;
  }

  /** For the proxies: whether the process may hear the answer. */
  answered(write: RecordedWrite, outcome: string): boolean {
    write.outcome = outcome;
    write.answeredAt = Date.now();
    this.#held.get(write)?.answered(outcome);
    return !this.#reached(write.what, 'after') && !this.#sprung;
  }

  #reached(what: string, when: CrashPoint['when']): boolean {
    const armed = this.#armed;
    if (armed === undefined || armed.point.what !== what || armed.point.when !== when || this.#sprung) return false;
    this.#seen += 1;
    if (this.#seen < armed.point.occurrence) return false;
    this.#sprung = true;
    armed.crash();
    return true;
  }
}
