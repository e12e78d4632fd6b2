import type { Clock, Timer } from '../process/clock.ts';
import type { TokenHash } from '../routes/token.ts';
import type { Admission } from './admission.ts';
import type { CachedRoute } from './cached-records.ts';

/**
 * The tool calls that are under way, so that each can be cut short: when its token expires or is revoked, when it takes
 * too long, when its client leaves, when the process ends. A cut aborts the upstream request and settles
 * {@link RunningCall.cut} at once, whether or not the upstream obeys.
 */
export type CutReason = 'not-found' | 'timed-out' | 'client-gone' | 'closing';

export interface RunningCall {
  readonly signal: AbortSignal;
  readonly cut: Promise<CutReason>;
  stop(reason: CutReason): void;
  /** To be called when the call has ended, however. */
  end(): void;
}

interface Entry {
  readonly token: string;
  readonly stop: (reason: CutReason) => void;
}

export class RunningCalls {
  readonly #clock: Clock;
  readonly #admission: Pick<Admission, 'now' | 'hasExpired' | 'admit'>;
  readonly #timeout: number;
  readonly #byRoute = new Map<TokenHash, Set<Entry>>();
  #idle: (() => void)[] = [];
  #size = 0;

  constructor(options: {
    clock: Clock;
    admission: Pick<Admission, 'now' | 'hasExpired' | 'admit'>;
    /** Longest duration of a call, milliseconds. */
    timeout: number;
  }) {
    this.#clock = options.clock;
    this.#admission = options.admission;
    this.#timeout = options.timeout;
  }

  get size(): number {
    return this.#size;
  }

  start(token: string, route: CachedRoute): RunningCall {
    const abort = new AbortController();
    const { promise: cut, resolve } = Promise.withResolvers<CutReason>();
    let timer: Timer | undefined;
    const stop = (reason: CutReason) => {
      timer?.cancel();
      resolve(reason);
      abort.abort();
    };
    const deadline = this.#clock.monotonic() + this.#timeout;
    const { exp } = route.record;
    const watch = () => {
      if (this.#admission.hasExpired(route)) return stop('not-found');
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) return stop('timed-out');
      const untilExpiry = exp === null ? left : exp - this.#admission.now();
      // At least 1 ms: a timer may fire a little before its time, and then the rest is waited for.
      timer = this.#clock.setTimer(Math.max(1, Math.min(left, untilExpiry)), watch);
    };
    watch();
    const entry = { token, stop };
    this.#add(route.hash, entry);
    return {
      signal: abort.signal,
      cut,
      stop,
      end: () => {
        timer?.cancel();
        this.#remove(route.hash, entry);
      },
    };
  }

  /** The route may be gone: cuts its calls when it is. */
  async routeChanged(hash: TokenHash): Promise<void> {
    const entries = this.#byRoute.get(hash);
    const [first] = entries ?? [];
    if (entries === undefined || first === undefined) return;
    const decision = await this.#admission.admit(first.token);
    if (decision.kind === 'notFound') for (const entry of entries) entry.stop('not-found');
  }

  stopAll(reason: CutReason): void {
    for (const entries of this.#byRoute.values()) for (const entry of entries) entry.stop(reason);
  }

  /** Resolves when no call runs. */
  whenIdle(): Promise<void> {
    return this.#size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #add(hash: TokenHash, entry: Entry): void {
    this.#size++;
    const entries = this.#byRoute.get(hash);
    if (entries === undefined) this.#byRoute.set(hash, new Set([entry]));
    else entries.add(entry);
  }

  #remove(hash: TokenHash, entry: Entry): void {
    const entries = this.#byRoute.get(hash);
    if (entries === undefined || !entries.delete(entry)) return;
    if (entries.size === 0) this.#byRoute.delete(hash);
    this.#size--;
    if (this.#size > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
