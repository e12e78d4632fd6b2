import { type Lease, microTime } from './core-types.ts';

/**
 * What a holder writes into a lease: to acquire, to renew, to release. Fields that others put there stay. The times are
 * for people who look; nobody judges by them.
 */
export type LeaseSpec = NonNullable<Lease['spec']>;

export interface Holder {
  readonly identity: string;
  readonly durationSeconds: number;
  /** Wall clock, milliseconds. */
  readonly now: number;
}

/** `before` is the lease last seen, also one that has vanished: its transitions count on, as fences compare them. */
export function acquired(before: Lease | undefined, holder: Holder): LeaseSpec {
  return {
    ...renewed(before, holder),
    acquireTime: microTime(holder.now),
    leaseTransitions: before === undefined ? 0 : (before.spec?.leaseTransitions ?? 0) + 1,
  };
}

export function renewed(before: Lease | undefined, holder: Holder): LeaseSpec {
  return {
    ...before?.spec,
    holderIdentity: holder.identity,
    leaseDurationSeconds: holder.durationSeconds,
    renewTime: microTime(holder.now),
  };
}

/** Held by nobody; the API wants a duration of at least a second. */
export function released(before: Lease, now: number): LeaseSpec {
  return renewed(before, { identity: '', durationSeconds: 1, now });
}
