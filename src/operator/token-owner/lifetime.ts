import { type Condition, rfc3339Seconds } from '../../resources/conditions.ts';
import type { ObjectMeta } from '../../resources/object.ts';

/** When the life of a server or an API token is over. Pure; instants are wall-clock milliseconds. */
interface Mortal {
  metadata: ObjectMeta;
  status?: { conditions?: Condition[] | undefined; expiresAt?: string | undefined };
}

interface Lifetime {
  readonly expiresAt: number | undefined;
}

/**
 * Expired now, or found expired before at this same instant: a clock that is set back does not bring a server back to
 * life whose token is gone.
 */
export function hasExpired(server: Mortal, effective: Lifetime, now: number): boolean {
  if (effective.expiresAt === undefined) return false;
  if (effective.expiresAt <= now) return true;
  const wasExpired = server.status?.conditions?.some((c) => c.type === 'Expired' && c.status === 'True') ?? false;
  return wasExpired && server.status?.expiresAt === expiryText(effective);
}

/** Created at or after its own end: a manifest that was applied again. Keeping it prevents a loop of delete and re-create. */
export function isBornExpired(server: Mortal, effective: Lifetime): boolean {
  const created = Date.parse(server.metadata.creationTimestamp ?? '');
  return effective.expiresAt !== undefined && created >= effective.expiresAt;
}

export function expiryText(effective: Lifetime): string {
  if (effective.expiresAt === undefined) return 'never';
  const wholeSecond = effective.expiresAt % 1000 === 0;
  return wholeSecond ? rfc3339Seconds(effective.expiresAt) : new Date(effective.expiresAt).toISOString();
}
