import { type Clock, delay } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Random } from '../process/random.ts';
import { apiVersionOf } from '../resources/object.ts';
import { boundedCall } from './bounded-call.ts';
import { type Lease, leaseType } from './core-types.ts';
import { acquired, type Holder, released, renewed } from './lease-terms.ts';
import { isApiError, type ObjectApi } from './object-api.ts';

/**
 * Lets one of several replicas lead, by a Lease that the leader keeps renewing, with the rules of client-go: a foreign
 * lease is dead once it has not changed for its duration on *our* monotonic clock, whatever its timestamps say.
 *
 * Guarantee: no two electors of different identity have {@link LeaderElector.isLeader} at once, as long as their
 * monotonic clocks run within a fifth of each other's speed, go on while a process is frozen, and nobody deletes the
 * lease behind a leader's back. A write already sent when leadership ends is not covered: the fence in the route store
 * and the preconditions of the Kubernetes API are what refuse it. A leader that is lost stays lost; the process exits.
 */
export interface LeaderElectorOptions {
  api: Pick<ObjectApi, 'get' | 'create' | 'replace'>;
  namespace: string;
  leaseName: string;
  /** Unique to this process, also among its restarts. */
  identity: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** We lead. Called once; if it throws, leadership is lost. */
  onStarted: (leaseTransitions: number) => void;
  /** We led and no longer do; the process should exit at once. Not called by `stop`. */
  onLost: (reason: string) => void;
  /** The holder changed; empty when the lease was released. */
  onNewLeader?: (identity: string) => void;
}

/** What a candidate knows of the lease. */
interface Observation {
  readonly lease: Lease;
  /** When we saw it change, monotonic. */
  readonly at: number;
}

type Phase = 'new' | 'following' | 'leading' | 'lost' | 'stopped';
/** Bounds a call by the time that is left to the attempt. */
type Within = <R>(call: () => Promise<R>) => Promise<R>;

/** client-go's: the wait of a candidate is stretched by a random factor of up to 1 + 1.2. */
const JITTER = 1.2;

export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #stop = new AbortController();
  #phase: Phase = 'new';
  /** Monotonic end of our term, once we have held the lease. */
  #deadline = Number.NEGATIVE_INFINITY;
  #observed: Observation | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    if (this.#leaseDurationMs <= this.#renewDeadlineMs || this.#renewDeadlineMs <= this.#retryPeriodMs * JITTER) {
      throw new RangeError(
        `The lease duration (${this.#leaseDurationMs} ms) must exceed the renew deadline (${this.#renewDeadlineMs} ms), ` +
          `and that ${JITTER} times the retry period (${this.#retryPeriodMs} ms)`,
      );
    }
    if (this.#leaseDurationMs % 1000 !== 0) throw new RangeError('The lease duration must be whole seconds');
  }

  /** Whether we may write now. Ask before each write: a process frozen past its lease learns it here first. */
  isLeader(): boolean {
    return this.#phase === 'leading' && this.#options.clock.monotonic() < this.#deadline;
  }

  /** The identity last seen to hold the lease; undefined when it was never read, empty when nobody holds it. */
  get leader(): string | undefined {
    return this.#observed === undefined ? undefined : (this.#observed.lease.spec?.holderIdentity ?? '');
  }

  start(): void {
    if (this.#phase !== 'new') throw new Error('The leader elector was already started; create another');
    this.#phase = 'following';
    this.#loop = this.#run();
  }

  /** Leads no longer, and releases the lease so that another need not wait for it. Drain the work first. */
  async stop(): Promise<void> {
    if (this.#phase === 'lost' || this.#phase === 'stopped') return;
    this.#phase = 'stopped';
    this.#stop.abort();
    await this.#loop;
    if (this.#options.clock.monotonic() < this.#deadline) await this.#release();
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#stop;
    while (this.#is('following')) {
      await this.#attempt(this.#renewDeadlineMs / 2);
      if (this.#is('following')) await delay(clock, this.#retryPeriodMs * (1 + random.fraction() * JITTER), signal);
    }
    while (this.#is('leading')) {
      await delay(clock, Math.min(this.#retryPeriodMs, this.#deadline - clock.monotonic()), signal);
      if (this.#is('leading') && this.isLeader()) {
        await this.#attempt(Math.min(this.#renewDeadlineMs / 2, this.#deadline - clock.monotonic()));
      }
      if (this.#is('leading') && !this.isLeader()) {
        this.#lose(`The lease was not renewed within ${this.#renewDeadlineMs} ms`);
      }
    }
  }

  /** Apart, because the compiler takes a phase that was once compared for settled. */
  #is(phase: Phase): boolean {
    return this.#phase === phase;
  }

  /** Tries once, in at most `milliseconds`, to acquire or renew. */
  async #attempt(milliseconds: number): Promise<void> {
    const { clock, logger, leaseName } = this.#options;
    const start = clock.monotonic();
    const within = <R>(call: () => Promise<R>) =>
      boundedCall(clock, Math.max(start + milliseconds - clock.monotonic(), 0), call);
    try {
      if (this.#is('leading') && (await this.#renewFast(within))) return;
      await this.#readAndDecide(within);
    } catch (error) {
      const someoneWasFaster = isApiError(error, 'Conflict', 'AlreadyExists');
      logger[someoneWasFaster ? 'debug' : 'warn']('The lease could not be taken or renewed', { leaseName, error });
    }
  }

  /** Writes on top of what we wrote last, without reading. False when the lease is not as we left it. */
  async #renewFast(within: Within): Promise<boolean> {
    const observed = this.#observed;
    if (observed === undefined) return false;
    try {
      await this.#write(within, { ...observed.lease, spec: renewed(observed.lease, this.#holder()) });
      return true;
    } catch (error) {
      if (isApiError(error, 'Conflict', 'NotFound')) return false;
      throw error;
    }
  }

  async #readAndDecide(within: Within): Promise<void> {
    const { api, namespace, leaseName: name, identity } = this.#options;
    const lease = await within(() => api.get(leaseType, { namespace, name }));
    if (lease !== undefined) this.#observe(lease);
    const holder = lease?.spec?.holderIdentity ?? '';
    if (this.#is('leading')) {
      if (lease !== undefined && holder !== identity) {
        this.#lose(`The lease was taken by "${holder}"`);
        return;
      }
      await this.#write(within, {
        ...(lease ?? this.#blank()),
        spec: renewed(lease ?? this.#observed?.lease, this.#holder()),
      });
      return;
    }
    // Also one in our own name: a write of ours that landed after we gave up on it, or a twin's. And also one that
    // has vanished: its holder may still believe in it.
    if (this.#isAlive()) return;
    await this.#write(within, { ...(lease ?? this.#blank()), spec: acquired(this.#observed?.lease, this.#holder()) });
  }

  #isAlive(): boolean {
    if (this.#observed === undefined || this.leader === '') return false;
    const durationMs = (this.#observed.lease.spec?.leaseDurationSeconds ?? this.#leaseDurationMs / 1000) * 1000;
    return this.#options.clock.monotonic() < this.#observed.at + durationMs;
  }

  /** What others did not see until later must not lengthen our term: it counts from before the request. */
  async #write(within: Within, lease: Lease): Promise<void> {
    const { api, clock } = this.#options;
    const start = clock.monotonic();
    const stored = await within(() =>
      lease.metadata.resourceVersion === undefined ? api.create(leaseType, lease) : api.replace(leaseType, lease),
    );
    this.#observe(stored);
    const deadline = start + this.#renewDeadlineMs;
    // An answer that a frozen process reads too late proves nothing, and a term that has ended is never resumed.
    if (clock.monotonic() >= (this.#is('leading') ? this.#deadline : deadline)) return;
    this.#deadline = deadline;
    if (this.#is('following')) this.#lead(stored.spec?.leaseTransitions ?? 0);
  }

  #lead(leaseTransitions: number): void {
    const { logger, identity, onStarted } = this.#options;
    this.#phase = 'leading';
    logger.info('Leading', { identity, leaseTransitions });
    try {
      onStarted(leaseTransitions);
    } catch (error) {
      logger.error('The leader could not start its work', { error });
      this.#lose('The leader could not start its work');
    }
  }

  #lose(reason: string): void {
    this.#phase = 'lost';
    this.#options.logger.error('Leadership lost', { identity: this.#options.identity, reason });
    this.#options.onLost(reason);
  }

  #observe(lease: Lease): void {
    const before = this.#observed?.lease;
    const { uid, resourceVersion } = lease.metadata;
    if (before?.metadata.uid === uid && before?.metadata.resourceVersion === resourceVersion) return;
    const previousLeader = this.leader;
    this.#observed = { lease, at: this.#options.clock.monotonic() };
    if (this.leader !== undefined && this.leader !== previousLeader) this.#options.onNewLeader?.(this.leader);
  }

  #blank(): Lease {
    const { namespace, leaseName: name } = this.#options;
    return { apiVersion: apiVersionOf(leaseType), kind: leaseType.kind, metadata: { namespace, name } };
  }

  #holder(): Holder {
    const { identity, clock } = this.#options;
    return { identity, durationSeconds: this.#leaseDurationMs / 1000, now: clock.now() };
  }

  async #release(): Promise<void> {
    const { api, clock, logger, leaseName } = this.#options;
    const lease = this.#observed?.lease;
    if (lease === undefined || this.leader !== this.#options.identity) return;
    const spec = released(lease, clock.now());
    try {
      this.#observe(
        await boundedCall(clock, this.#renewDeadlineMs / 2, () => api.replace(leaseType, { ...lease, spec })),
      );
    } catch (error) {
      logger.warn('The lease could not be released and runs out by itself', { leaseName, error });
    }
  }
}
