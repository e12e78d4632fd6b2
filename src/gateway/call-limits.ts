import type { CallSignal } from '../crisp/outcome.ts';
import type { Clock, Timer } from '../process/clock.ts';

/**
 * How many tool calls run and wait at a time, for each tenant and overall. A freed slot goes to the tenant that has
 * waited longest since its last turn, so one noisy tenant delays only itself. Queues are bounded in length and in time;
 * beyond that a call is refused with a delay, never queued.
 */
export interface CallLimitOptions {
  running: number;
  waiting: number;
  runningPerTenant: number;
  waitingPerTenant: number;
  /** Longest wait for a slot, milliseconds. */
  waitFor: number;
}

export const DEFAULT_CALL_LIMITS: CallLimitOptions = {
  running: 512,
  waiting: 2_048,
  runningPerTenant: 16,
  waitingPerTenant: 64,
  waitFor: 10_000,
};

/** A slot; calling it gives the slot back. */
export type Release = () => void;
export type Slot = Release | 'refused' | 'aborted';

interface Waiter {
  readonly grant: (slot: Slot) => void;
}

interface Tenant {
  running: number;
  readonly waiters: Set<Waiter>;
}

export class CallLimits {
  readonly #options: CallLimitOptions;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, Tenant>();
  /** Tenants with waiters, the one whose turn is next first. */
  readonly #turns = new Set<string>();
  #running = 0;
  #waiting = 0;

  constructor(clock: Clock, options: CallLimitOptions = DEFAULT_CALL_LIMITS) {
    this.#clock = clock;
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** A slot at once, a promise of one, or a refusal. */
  take(tenantId: string, signal: CallSignal): Slot | Promise<Slot> {
    if (signal.aborted) return 'aborted';
    const tenant = this.#tenants.get(tenantId) ?? { running: 0, waiters: new Set() };
    const { running, runningPerTenant, waiting, waitingPerTenant } = this.#options;
    const free = tenant.running < runningPerTenant && this.#running < running;
    if (!free && (tenant.waiters.size >= waitingPerTenant || this.#waiting >= waiting)) return 'refused';
    this.#tenants.set(tenantId, tenant);
    return free ? this.#run(tenantId, tenant) : this.#wait(tenantId, tenant, signal);
  }

  #run(tenantId: string, tenant: Tenant): Release {
    tenant.running++;
    this.#running++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      tenant.running--;
      this.#running--;
      this.#next();
      this.#dropIdle(tenantId, tenant);
    };
  }

  #wait(tenantId: string, tenant: Tenant, signal: CallSignal): Promise<Slot> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const onAbort = () => waiter.grant('aborted');
      const waiter: Waiter = {
        grant: (slot) => {
          timer?.cancel();
          signal.removeEventListener('abort', onAbort);
          tenant.waiters.delete(waiter);
          this.#waiting--;
          if (tenant.waiters.size === 0) this.#turns.delete(tenantId);
          this.#dropIdle(tenantId, tenant);
          resolve(slot);
        },
      };
      tenant.waiters.add(waiter);
      this.#turns.add(tenantId);
      this.#waiting++;
      signal.addEventListener('abort', onAbort);
      timer = this.#clock.setTimer(this.#options.waitFor, () => waiter.grant('refused'));
    });
  }

  #next(): void {
    for (const tenantId of this.#turns) {
      if (this.#running >= this.#options.running) return;
      const tenant = this.#tenants.get(tenantId);
      const [waiter] = tenant?.waiters ?? [];
      if (tenant === undefined || waiter === undefined || tenant.running >= this.#options.runningPerTenant) continue;
      this.#turns.delete(tenantId);
      if (tenant.waiters.size > 1) this.#turns.add(tenantId);
      waiter.grant(this.#run(tenantId, tenant));
      return;
    }
  }

  #dropIdle(tenantId: string, tenant: Tenant): void {
    if (tenant.running === 0 && tenant.waiters.size === 0) this.#tenants.delete(tenantId);
  }
}
