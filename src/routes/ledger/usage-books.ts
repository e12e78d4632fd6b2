import type { LedgerBook } from './gateway-ledger.ts';

/**
 * When a server was last used and how often its tools were called, by the server's uid. Calls are counted by day, so that
 * the counts of servers that are gone go with their days.
 */
const DAY_SECONDS = 86_400;

/** Days for which calls are known after they were made. */
export const CALL_DAYS = 40;

export const LAST_USE: LedgerBook = { name: 'last-use', keepFor: 400 * DAY_SECONDS };

/** `day` as in `2026-11-25` (UTC). */
export function callsOn(day: string): LedgerBook {
  return { name: `calls:${day}`, keepFor: CALL_DAYS * DAY_SECONDS };
}
