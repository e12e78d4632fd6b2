import type { LedgerBook } from './gateway-ledger.ts';

/**
 * When a server was last used and how often its tools were called, by the server's uid. Calls are counted by day, so that
 * the counts of servers that are gone go with their days.
 */
/** Milliseconds. */
export const DAY = 86_400_000;
const DAY_SECONDS = DAY / 1_000;

/** Days for which calls are known after they were made. */
export const CALL_DAYS = 40;

export const LAST_USE: LedgerBook = { name: 'last-use', keepFor: 400 * DAY_SECONDS };

/** The day (UTC) as books name it: `2026-11-25`. */
export function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** `day` as of {@link dayOf}. */
export function callsOn(day: string): LedgerBook {
  return { name: `calls:${day}`, keepFor: CALL_DAYS * DAY_SECONDS };
}
