import { rfc3339Seconds } from '../../resources/conditions.ts';
import type { CrispMcpServer } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveServer } from '../../resources/effective-server.ts';

/** When a server's life is over. Pure; instants are wall-clock milliseconds. */

/**
 * Expired now, or found expired before at this same instant: a clock that is set back does not bring a server back to
 * life whose token is gone.
 */
export function hasExpired(server: CrispMcpServer, effective: EffectiveServer, now: number): boolean {
  if (effective.expiresAt === undefined) return false;
  if (effective.expiresAt <= now) return true;
  const wasExpired = server.status?.conditions?.some((c) => c.type === 'Expired' && c.status === 'True') ?? false;
  return wasExpired && server.status?.expiresAt === expiryText(effective);
}

/** Created at or after its own end: a manifest that was applied again. Keeping it prevents a loop of delete and re-create. */
export function isBornExpired(server: CrispMcpServer, effective: EffectiveServer): boolean {
  const created = Date.parse(server.metadata.creationTimestamp ?? '');
  return effective.expiresAt !== undefined && created >= effective.expiresAt;
}

export function expiryText(effective: EffectiveServer): string {
  if (effective.expiresAt === undefined) return 'never';
  const wholeSecond = effective.expiresAt % 1000 === 0;
  return wholeSecond ? rfc3339Seconds(effective.expiresAt) : new Date(effective.expiresAt).toISOString();
}
