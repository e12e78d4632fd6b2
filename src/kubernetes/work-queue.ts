import type { Clock, Timer } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { isApiError } from './object-api.ts';
import { type Priority, ReadyKeys } from './ready-keys.ts';
import { RetryDelays } from './retry-delays.ts';

/**
 * Keys to reconcile, each at most once at a time. A key added while it runs is run again afterwards, added while it
 * waits it stays one entry; so a reconcile always begins after the last change it is told of. A failure is retried with
 * growing delay, a success forgets the failures, whatever is thrown ends only that one run. Live edits (`normal`)
 * overtake first lists and resyncs (`low`).
 *
 * It is driven by the clock's timers and promises alone, so a simulation decides every step. Keys wait in memory until
 * {@link WorkQueue.run} is called: a follower should subscribe its handlers when it starts to lead, and add all then.
 */
export interface ReconcileResult {
  /** Run again after this long even if nothing changes. */
  readonly requeueAfterMs?: number;
}

/** A reconcile failed in a way that no retry can heal; the key rests until something is changed. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly code = 'RECONCILE_TERMINAL';
}

export type { Priority } from './ready-keys.ts';

/**
 * How a run ended. `conflict`: somebody else wrote first, nothing is wrong. `panic`: a defect of ours (`TypeError` and
 * the like, or something thrown that is not an `Error`).
 */
export type RunOutcome = 'success' | 'requeue' | 'conflict' | 'error' | 'terminal' | 'panic';

/** What a queue tells its metrics. */
export interface WorkQueueObserver {
  added?(priority: Priority): void;
  retried?(): void;
  /** Keys that wait to be run now, without those that wait for a time. */
  depth?(keys: number): void;
  started?(waitedMs: number): void;
  finished?(outcome: RunOutcome, durationMs: number): void;
}

export interface WorkQueueOptions {
  /** For logs: what the keys are. */
  name: string;
  clock: Clock;
  logger: Logger;
  observer?: WorkQueueObserver;
  retryDelays?: RetryDelays;
  /** How long {@link WorkQueue.run} waits for running reconciles once it is told to end. */
  shutdownMs?: number;
}

export interface RunOptions {
  workers: number;
  reconcile: (key: string) => Promise<ReconcileResult>;
  /** Ends the run: no key is taken or accepted any more; those running may finish within `shutdownMs`. */
  signal: AbortSignal;
}

/** Reconciles that wait for nothing would else run in one turn of the event loop, and no lease be renewed meanwhile. */
const MOST_IN_A_TURN = 256;

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #observer: WorkQueueObserver;
  readonly #retryDelays: RetryDelays;
  readonly #ready = new ReadyKeys();
  readonly #running = new Set<string>();
  /** Added while they ran. */
  readonly #again = new ReadyKeys();
  readonly #delayed = new IndexedHeap();
  readonly #delayedPriority = new Map<string, Priority>();
  #timer: Timer | undefined;
  #run: RunOptions | undefined;
  #phase: 'idle' | 'running' | 'ended' = 'idle';
  #pumpScheduled = false;
  #inThisTurn = 0;
  #onDrained: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#observer = options.observer ?? {};
    this.#retryDelays = options.retryDelays ?? new RetryDelays({ clock: options.clock });
  }

  /** Keys that wait to be run now. */
  get depth(): number {
    return this.#ready.size + this.#again.size;
  }

  /** Keys that wait for a time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Nothing runs and nothing waits to be run now: a quiet point. */
  get idle(): boolean {
    return this.depth === 0 && this.#running.size === 0;
  }

  /** Failures of `key` since it last succeeded. */
  failures(key: string): number {
    return this.#retryDelays.failures(key);
  }

  add(key: string, options: { priority?: Priority } = {}): void {
    if (this.#phase === 'ended') return;
    const priority = options.priority ?? 'normal';
    this.#observer.added?.(priority);
    const keys = this.#running.has(key) ? this.#again : this.#ready;
    keys.add({ key, priority, since: this.#options.clock.monotonic() });
    this.#observer.depth?.(this.depth);
    this.#schedulePump();
  }

  /** Adds the key after `milliseconds`; of several pending times of one key the earliest holds. */
  addAfter(key: string, milliseconds: number, options: { priority?: Priority } = {}): void {
    if (this.#phase === 'ended') return;
    const priority = options.priority ?? 'normal';
    if (milliseconds <= 0) {
      this.add(key, { priority });
      return;
    }
    const due = this.#options.clock.monotonic() + milliseconds;
    const present = this.#delayed.get(key);
    if (present === undefined || due < present) this.#delayed.set(key, due);
    if (priority === 'normal' || present === undefined) this.#delayedPriority.set(key, priority);
    this.#armTimer();
  }

  /** Works until the signal aborts. Resolves with whether every running reconcile ended within the bound. */
  async run(options: RunOptions): Promise<'drained' | 'abandoned'> {
    if (this.#phase !== 'idle')
      throw new Error(`The work queue "${this.#options.name}" was already run; create another`);
    this.#phase = 'running';
    this.#run = options;
    this.#schedulePump();
    await aborted(options.signal);
    this.#phase = 'ended';
    this.#timer?.cancel();
    this.#ready.clear();
    this.#again.clear();
    this.#delayed.clear();
    this.#delayedPriority.clear();
    return await this.#drain();
  }

  async #drain(): Promise<'drained' | 'abandoned'> {
    if (this.#running.size === 0) return 'drained';
    return await new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(this.#options.shutdownMs ?? 30_000, () => {
        this.#options.logger.warn(`Reconciles of ${this.#options.name} were still running at shutdown`, {
          keys: [...this.#running].slice(0, 10),
        });
        resolve('abandoned');
      });
      this.#onDrained = () => {
        timer.cancel();
        resolve('drained');
      };
    });
  }

  /**
   * Keys are taken a microtask later: `add` never runs a reconcile inside its caller, and a batch is ordered first. After
   * many, everything else that the process does has its turn.
   */
  #schedulePump(): void {
    if (this.#pumpScheduled || this.#phase !== 'running') return;
    this.#pumpScheduled = true;
    const pump = () => {
      this.#pumpScheduled = false;
      this.#pump();
    };
    if (this.#inThisTurn < MOST_IN_A_TURN) {
      queueMicrotask(pump);
      return;
    }
    this.#inThisTurn = 0;
    this.#options.clock.setTimer(0, pump);
  }

  #pump(): void {
    if (this.#run === undefined || this.#run.signal.aborted) return;
    const { workers, reconcile } = this.#run;
    while (this.#running.size < workers) {
      if (this.#inThisTurn >= MOST_IN_A_TURN) {
        this.#schedulePump();
        return;
      }
      const next = this.#ready.take();
      if (next === undefined) return;
      this.#inThisTurn += 1;
      this.#running.add(next.key);
      this.#observer.depth?.(this.depth);
      this.#observer.started?.(this.#options.clock.monotonic() - next.since);
      void this.#reconcile(next.key, next.priority, reconcile);
    }
  }

  async #reconcile(key: string, priority: Priority, reconcile: RunOptions['reconcile']): Promise<void> {
    const start = this.#options.clock.monotonic();
    let outcome: RunOutcome;
    try {
      const { requeueAfterMs } = await reconcile(key);
      this.#retryDelays.forget(key);
      if (requeueAfterMs !== undefined) this.addAfter(key, requeueAfterMs);
      outcome = requeueAfterMs === undefined ? 'success' : 'requeue';
    } catch (error) {
      outcome = outcomeOf(error);
      this.#failed(key, priority, outcome, error);
    }
    this.#observer.finished?.(outcome, this.#options.clock.monotonic() - start);
    this.#done(key);
  }

  #failed(key: string, priority: Priority, outcome: RunOutcome, error: unknown): void {
    const { name, logger } = this.#options;
    if (outcome === 'terminal') {
      this.#retryDelays.forget(key);
      logger.error(`Reconciling ${name} failed and is not retried until something changes`, { key, error });
      return;
    }
    const delayMs = Math.round(this.#retryDelays.next(key));
    const fields = { key, error, outcome, failures: this.#retryDelays.failures(key), retryInMs: delayMs };
    if (outcome === 'conflict') logger.debug(`Reconciling ${name} met a newer object`, fields);
    else logger[outcome === 'panic' ? 'error' : 'warn'](`Reconciling ${name} failed`, fields);
    this.#observer.retried?.();
    this.addAfter(key, delayMs, { priority });
  }

  #done(key: string): void {
    this.#running.delete(key);
    const again = this.#again.remove(key);
    if (again !== undefined) this.#ready.add(again);
    if (this.#running.size === 0) this.#onDrained?.();
    this.#schedulePump();
  }

  #armTimer(): void {
    this.#timer?.cancel();
    const next = this.#delayed.peek();
    if (next === undefined) return;
    this.#timer = this.#options.clock.setTimer(next.rank - this.#options.clock.monotonic(), () => this.#releaseDue());
  }

  #releaseDue(): void {
    const now = this.#options.clock.monotonic();
    for (let next = this.#delayed.peek(); next !== undefined && next.rank <= now; next = this.#delayed.peek()) {
      this.#delayed.pop();
      const priority = this.#delayedPriority.get(next.key) ?? 'normal';
      this.#delayedPriority.delete(next.key);
      this.add(next.key, { priority });
    }
    this.#armTimer();
  }
}

function outcomeOf(error: unknown): RunOutcome {
  if (error instanceof TerminalError) return 'terminal';
  if (isApiError(error, 'Conflict')) return 'conflict';
  const defects = [TypeError, ReferenceError, RangeError, SyntaxError];
  if (!(error instanceof Error) || defects.some((defect) => error instanceof defect)) return 'panic';
  return 'error';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
