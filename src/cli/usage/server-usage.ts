import { listPages } from '../../kubernetes/list-pages.ts';
import type { ObjectApi } from '../../kubernetes/object-api.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { DAY, dayOf } from '../../routes/ledger/usage-books.ts';
import type { UsageReader } from '../../routes/ledger/usage-reader.ts';
import { UserError } from '../user-error.ts';

/**
 * How much each server was used: the servers from the Kubernetes API, page by page, their figures from the gateways'
 * books, page by page too, so that any number of them can be told of.
 */
export interface UsageScope {
  /** All of them when it is `undefined`. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

export interface ServerReport {
  readonly namespace: string;
  readonly name: string;
  /** Name of its CrispAccount. */
  readonly account: string;
  /** RFC 3339 with milliseconds; `null` when no use is known. */
  readonly lastUse: string | null;
  readonly callsToday: number;
  /** Over all days asked for, today among them. */
  readonly calls: number;
  /** By day, the latest first. */
  readonly callsByDay: Readonly<Record<string, number>>;
}

/** `count` days in UTC as the books name them, the latest first. */
export function daysUntil(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, back) => dayOf(now - back * DAY));
}

export async function reportServers(options: {
  api: Pick<ObjectApi, 'get' | 'list'>;
  reader: Pick<UsageReader, 'usageOf'>;
  scope: UsageScope;
  days: readonly string[];
}): Promise<ServerReport[]> {
  const { reader, days } = options;
  const reports: ServerReport[] = [];
  for await (const servers of pagesOf(options)) {
    const usages = await reader.usageOf(
      servers.map(({ metadata }) => metadata.uid ?? ''),
      days,
    );
    for (const [at, server] of servers.entries()) {
      const { lastUse, calls } = usages[at] ?? { lastUse: undefined, calls: [] };
      reports.push({
        namespace: server.metadata.namespace ?? '',
        name: server.metadata.name,
        account: server.spec.accountRef.name,
        lastUse: lastUse === undefined ? null : new Date(lastUse).toISOString(),
        callsToday: calls[0] ?? 0,
        calls: calls.reduce((sum, ofDay) => sum + ofDay, 0),
        callsByDay: Object.fromEntries(days.map((day, index) => [day, calls[index] ?? 0])),
      });
    }
  }
  return reports;
}

async function* pagesOf(options: {
  api: Pick<ObjectApi, 'get' | 'list'>;
  scope: UsageScope;
}): AsyncIterable<readonly CrispMcpServer[]> {
  const { api, scope } = options;
  const { namespace, name } = scope;
  if (namespace !== undefined && name !== undefined) {
    const server = await api.get(crispMcpServerType, { namespace, name });
    if (server === undefined) {
      throw new UserError('NO_SUCH_SERVER', `There is no CrispMcpServer "${name}" in namespace "${namespace}".`);
    }
    yield [server];
    return;
  }
  yield* listPages(api, crispMcpServerType, namespace);
}
