import type { CallSignal } from '../crisp/outcome.ts';
import type { Clock, Timer } from '../process/clock.ts';
import { Deadlines } from '../process/deadlines.ts';
import type { TokenHash } from '../routes/token.ts';
import type { Admission, Decision } from './admission.ts';
import { Run, type RunContext } from './run.ts';

/**
 * The calls and streams that are under way, so that each can be cut short: when its token expires or is revoked, when it
 * takes too long, when its client leaves, when the process ends. A cut aborts the upstream request and settles
 * {@link RunningCall.cut} at once, whether or not the upstream obeys. Whenever something of a route may have changed, the
 * token is judged anew and an `exp` that was edited takes effect; again and again while the store gives no answer, so that
 * nothing outlives its token because one invalidation came while the store was away.
 */
export type CutReason = 'not-found' | 'unauthorized' | 'timed-out' | 'client-gone' | 'closing';

/** Said to whoever watches a stream end. */
export const WHY_STREAMS_END: Readonly<Record<CutReason, string>> = {
  'not-found': 'this URL has expired or was revoked',
  unauthorized: 'the API token that this stream was opened with has expired or was revoked',
  'timed-out': 'this stream has lasted long enough; open another',
  'client-gone': '',
  closing: 'the gateway is being restarted; open another',
};

export type Served = Extract<Decision, { kind: 'serve' }>;

export interface RunningCall {
  readonly signal: CallSignal;
  /** As it was judged last: its route and account may have changed since it began. */
  readonly served: Served;
  readonly cut: Promise<CutReason>;
  /** Why it was cut; `undefined` while it was not. */
  readonly reason: CutReason | undefined;
  /** Which of its tokens has ended by the clock, whether or not a timer has cut it yet. */
  readonly ended: 'not-found' | 'unauthorized' | undefined;
  /** What `work` comes to, or why it was cut, whichever is first. */
  orCut<T>(work: Promise<T>): Promise<T | CutReason>;
  stop(reason: CutReason): void;
  /** To be called when the call has ended, however. */
  end(): void;
}

export interface StreamOptions {
  /** Hears of every change of the route or its account after which the token is still served. */
  onServed?: (served: Served) => void;
}

interface Group {
  readonly entries: Set<Run>;
  accountUid: string | null;
  streams: number;
  checking: 'no' | 'yes' | 'again';
  retry: Timer | undefined;
}

/** While the store cannot tell whether a token is still good, how long to wait before asking again, milliseconds. */
const RETRY = 250;

export class RunningCalls {
  readonly #clock: Clock;
  readonly #admission: Pick<Admission, 'now' | 'endOf' | 'admit'>;
  readonly #timeout: number;
  readonly #context: RunContext;
  readonly #groups = new Map<TokenHash, Group>();
  #idle: (() => void)[] = [];
  #size = 0;
  #streams = 0;
  #noMoreStreams: CutReason | undefined;

  constructor(options: {
    clock: Clock;
    admission: Pick<Admission, 'now' | 'endOf' | 'admit'>;
    /** Longest duration of a call, milliseconds. */
    timeout: number;
  }) {
    this.#clock = options.clock;
    this.#admission = options.admission;
    this.#timeout = options.timeout;
    this.#context = {
      clock: options.clock,
      admission: options.admission,
      deadlines: new Deadlines(options.clock),
      remove: (run) => this.#remove(run.hash, run),
    };
  }

  get size(): number {
    return this.#size;
  }

  /** Open streams, of all servers. */
  get streams(): number {
    return this.#streams;
  }

  streamsOf(hash: TokenHash): number {
    return this.#groups.get(hash)?.streams ?? 0;
  }

  start(token: string, served: Served): RunningCall {
    return this.#add(new Run(this.#context, token, served, this.#timeout, undefined));
  }

  /** Like a call, but without a limit of time. */
  startStream(token: string, served: Served, options: StreamOptions = {}): RunningCall {
    const run = this.#add(new Run(this.#context, token, served, Number.POSITIVE_INFINITY, options));
    if (this.#noMoreStreams !== undefined) run.stop(this.#noMoreStreams);
    return run;
  }

  /** Nothing is cut by time any more. */
  close(): void {
    this.#context.deadlines.close();
  }

  /** The route may be gone or have changed. */
  routeChanged(hash: TokenHash): void {
    const group = this.#groups.get(hash);
    if (group !== undefined) void this.#check(group);
  }

  /** An API token may be gone or have lost a right. */
  apiTokenChanged(hash: TokenHash): void {
    for (const group of this.#groups.values()) {
      if ([...group.entries].some(({ apiToken }) => apiToken?.hash === hash)) void this.#check(group);
    }
  }

  /** An account may have gained or lost a tier. */
  accountChanged(uid: string): void {
    for (const group of this.#groups.values()) if (group.accountUid === uid) void this.#check(group);
  }

  /** Anything may have changed. */
  allChanged(): void {
    for (const group of this.#groups.values()) void this.#check(group);
  }

  stopAll(reason: CutReason): void {
    for (const { entries } of this.#groups.values()) for (const entry of entries) entry.stop(reason);
  }

  /** Ends what would never end by itself, now and from now on. */
  stopStreams(reason: CutReason): void {
    this.#noMoreStreams = reason;
    for (const { entries } of this.#groups.values()) {
      for (const entry of entries) if (entry.isStream) entry.stop(reason);
    }
  }

  /** Resolves when nothing runs. */
  whenIdle(): Promise<void> {
    return this.#size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async #check(group: Group): Promise<void> {
    if (group.checking !== 'no') {
      group.checking = 'again';
      return;
    }
    group.retry?.cancel();
    do {
      group.checking = 'yes';
      // One judgement for all that came with the same API token, which is none for most.
      const judged = new Set([...group.entries].map(({ apiToken }) => apiToken?.token));
      for (const apiToken of judged) await this.#judge(group, apiToken);
    } while (wasAskedAgain(group));
    group.checking = 'no';
  }

  async #judge(group: Group, apiToken: string | undefined): Promise<void> {
    const [first] = group.entries;
    if (first === undefined) return;
    const decision = await this.#admission.admit(first.token, apiToken);
    const concerned = [...group.entries].filter((entry) => entry.apiToken?.token === apiToken);
    if (decision.kind === 'notFound') for (const entry of concerned) entry.stop('not-found');
    if (decision.kind === 'unauthorized') for (const entry of concerned) entry.stop('unauthorized');
    // What an account lacks comes with an invalidation of its own.
    if (decision.kind === 'unavailable' && decision.cause !== 'account' && concerned.length > 0) {
      group.retry?.cancel();
      group.retry = this.#clock.setTimer(RETRY, () => void this.#check(group));
    }
    if (decision.kind === 'serve') {
      group.accountUid = decision.account.uid;
      for (const entry of concerned) entry.follow(decision);
    }
  }

  #add(entry: Run): Run {
    this.#size++;
    let group = this.#groups.get(entry.hash);
    if (group === undefined) {
      const { accountUid } = entry;
      group = { entries: new Set(), accountUid, streams: 0, checking: 'no', retry: undefined };
      this.#groups.set(entry.hash, group);
    }
    group.entries.add(entry);
    if (entry.isStream) {
      group.streams++;
      this.#streams++;
    }
    return entry;
  }

  #remove(hash: TokenHash, entry: Run): void {
    const group = this.#groups.get(hash);
    if (group === undefined || !group.entries.delete(entry)) return;
    if (entry.isStream) {
      group.streams--;
      this.#streams--;
    }
    if (group.entries.size === 0) {
      group.retry?.cancel();
      this.#groups.delete(hash);
    }
    this.#size--;
    if (this.#size > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

/** A look at the field from outside the loop, which the compiler otherwise takes to be unchanged since its last write. */
function wasAskedAgain(group: Group): boolean {
  return group.checking === 'again';
}
