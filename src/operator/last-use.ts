import { rfc3339Seconds } from '../resources/conditions.ts';
import type { CrispMcpServer } from '../resources/crisp-mcp-server.ts';
import { SERVER_KIND } from './server/server-kind.ts';

/**
 * What the status of a server should say of its last use, and how long the book of last uses remembers a server that is
 * gone. Pure; instants are wall-clock milliseconds. What gateways write is not trusted: an instant that cannot be is
 * passed over, so that a wrong one neither stands in a status for ever nor in the book.
 */
const HOUR = 3_600_000;
/** By how much the clocks of gateways and operator may differ. */
const CLOCKS_DIFFER_BY = 60_000;
/** A server that is about to end is left to those who end it. */
const ABOUT_TO_END = 60_000;
/** The operator may not have heard of a new server yet; and a gateway notes the last use of a deleted one a little later. */
const MOURNING = HOUR;

/** The `lastUsedTime` to write; `undefined` when there is nothing to write. It never goes back to an earlier hour. */
export function lastUsedTimeToWrite(server: CrispMcpServer, lastUse: number, now: number): string | undefined {
  if (!isPlausible(lastUse, now)) return undefined;
  const hour = Math.floor(lastUse / HOUR) * HOUR;
  const said = Date.parse(server.status?.lastUsedTime ?? '');
  if (said >= hour && isPlausible(said, now)) return undefined;
  return mayBeWritten(server, now) ? rfc3339Seconds(hour) : undefined;
}

/** Whether an entry whose server does not exist may be struck out. */
export function isForgettable(lastUse: number, now: number): boolean {
  return !isPlausible(lastUse, now) || lastUse < now - MOURNING;
}

function isPlausible(instant: number, now: number): boolean {
  return instant >= 0 && instant <= now + CLOCKS_DIFFER_BY;
}

/** It has a status already, it is not being deleted, and it lives for a while. */
function mayBeWritten(server: CrispMcpServer, now: number): boolean {
  if (server.metadata.deletionTimestamp !== undefined || server.status?.reason === undefined) return false;
  if (server.status.conditions?.some(({ type, status }) => type === 'Expired' && status === 'True')) return false;
  const spec = SERVER_KIND.read(server);
  if (spec.kind === 'invalid') return false;
  const { expiresAt } = spec.effective;
  return expiresAt === undefined || expiresAt > now + ABOUT_TO_END;
}
