import type { Clock } from '../process/clock.ts';
import { type Deadline, type Deadlines, NOWHERE } from '../process/deadlines.ts';
import type { TokenHash } from '../routes/token.ts';
import type { Admission } from './admission.ts';
import type { CachedApiToken } from './api-token-cache.ts';
import { CutSignal } from './cut-signal.ts';
import type { CutReason, RunningCall, Served, StreamOptions } from './running-calls.ts';

/**
 * One call or stream among {@link file://./running-calls.ts}: its clock, its token's end and who is told of its cut.
 * Made for every call and cut almost never, so each part is made only when it is needed.
 */
export interface RunContext {
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'now' | 'endOf'>;
  readonly deadlines: Deadlines;
  readonly remove: (run: Run) => void;
}

export class Run implements RunningCall, Deadline {
  readonly signal = new CutSignal();
  readonly token: string;
  /** The API token it came with, if its server asks for one: it ends with that too. */
  readonly apiToken: CachedApiToken | undefined;
  readonly hash: TokenHash;
  readonly accountUid: string | null;
  readonly isStream: boolean;
  due = 0;
  place = NOWHERE;
  readonly #context: RunContext;
  readonly #stream: StreamOptions | undefined;
  readonly #until: number;
  #served: Served;
  #end: number | undefined;
  #reason: CutReason | undefined;
  #whenCut: ((reason: CutReason) => void) | undefined;
  #cut: Promise<CutReason> | undefined;

  constructor(context: RunContext, token: string, served: Served, timeout: number, stream: StreamOptions | undefined) {
    const { route, apiToken } = served;
    this.#context = context;
    this.token = token;
    this.apiToken = apiToken;
    this.hash = route.hash;
    this.accountUid = route.record.accountUid;
    this.isStream = stream !== undefined;
    this.#stream = stream;
    const now = context.clock.monotonic();
    this.#until = now + timeout;
    this.#served = served;
    this.#end = context.admission.endOf(served);
    this.#stand(now);
  }

  get served(): Served {
    return this.#served;
  }

  get reason(): CutReason | undefined {
    return this.#reason;
  }

  get ended(): 'not-found' | 'unauthorized' | undefined {
    return this.#end === undefined ? undefined : this.#endedAt(this.#context.admission.now());
  }

  get cut(): Promise<CutReason> {
    this.#cut ??= new Promise((resolve) => this.#onCut(resolve));
    return this.#cut;
  }

  orCut<T>(work: Promise<T>): Promise<T | CutReason> {
    return new Promise((resolve, reject) => {
      this.#onCut(resolve);
      work.then(resolve, reject);
    });
  }

  stop(reason: CutReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#context.deadlines.remove(this);
    this.#whenCut?.(reason);
    this.signal.abort();
  }

  end(): void {
    this.#context.deadlines.remove(this);
    this.#context.remove(this);
  }

  /** Looks whether the call's time or the token's is over, and comes back when the first of them may be. */
  expire(): void {
    this.#stand(this.#context.clock.monotonic());
  }

  /** The token is still served, by a route or an account that may have changed. */
  follow(present: Served): void {
    if (this.#reason !== undefined) return;
    this.#served = present;
    const end = this.#context.admission.endOf(present);
    if (end !== this.#end) {
      this.#context.deadlines.remove(this);
      this.#end = end;
      this.expire();
    }
    this.#stream?.onServed?.(present);
  }

  #stand(now: number): void {
    const { admission, deadlines } = this.#context;
    const end = this.#end;
    let left = this.#until - now;
    if (end !== undefined) {
      const instant = admission.now();
      const ended = this.#endedAt(instant);
      if (ended !== undefined) {
        this.stop(ended);
        return;
      }
      left = Math.min(left, end - instant);
    }
    if (left <= 0) {
      this.stop('timed-out');
      return;
    }
    this.due = now + Math.max(1, left);
    deadlines.add(this);
  }

  #endedAt(instant: number): 'not-found' | 'unauthorized' | undefined {
    if (this.#end === undefined || this.#end > instant) return undefined;
    // The token of the URL comes first, as in every judgement.
    const { exp } = this.#served.route.record;
    return exp !== null && exp <= instant ? 'not-found' : 'unauthorized';
  }

  #onCut(listener: (reason: CutReason) => void): void {
    const earlier = this.#whenCut;
    if (this.#reason !== undefined) listener(this.#reason);
    else if (earlier === undefined) this.#whenCut = listener;
    else {
      this.#whenCut = (reason) => {
        earlier(reason);
        listener(reason);
      };
    }
  }
}
