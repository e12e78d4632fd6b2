import type { CrispRequestsReport } from './crisp-requests.ts';
import type { ServerReport } from './server-usage.ts';

/** The reports of `crisp-mcp usage` as tables for people: columns as wide as they must be, words as kubectl writes them. */
export function serversText(servers: readonly ServerReport[], days: number): string {
  const rows = servers.map(({ namespace, name, lastUse, callsToday, calls }) => [
    `${namespace}/${name}`,
    lastUse ?? 'never',
    String(callsToday),
    String(calls),
  ]);
  return table(['SERVER', 'LAST USE', 'CALLS TODAY', days === 1 ? 'CALLS 1 DAY' : `CALLS ${days} DAYS`], rows);
}

export function crispRequestsText({ credentials }: CrispRequestsReport): string {
  const rows = credentials.map(({ digest, requestsToday, dailyLimit, accounts }) => [
    digest,
    accounts.map(({ namespace, name, tier }) => `${namespace}/${name} (${tier})`).join(', ') || 'unknown',
    String(requestsToday),
    dailyLimit === null ? 'unknown' : String(dailyLimit),
  ]);
  return table(['CREDENTIAL', 'ACCOUNT', 'REQUESTS TODAY', 'DAILY LIMIT'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), title.length),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
