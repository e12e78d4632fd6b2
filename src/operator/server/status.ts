import { mergeConditions } from '../../resources/conditions.ts';
import {
  type CrispMcpServer,
  type CrispMcpServerStatus,
  type ServerReason,
  STATUS_TOOL_NAMES,
} from '../../resources/crisp-mcp-server.ts';
import type { ServerOutcome } from './situation.ts';

/** The status to store: the same outcome on the same object yields the same bytes, whatever the time. */
export function serverStatus(server: CrispMcpServer, outcome: ServerOutcome, now: number): CrispMcpServerStatus {
  const generation = server.metadata.generation ?? 0;
  const conditions = outcome.conditions.map((state) => ({ ...state, message: state.message.slice(0, 2048) }));
  const { tools, secretName, fingerprint, endpoint } = outcome;
  return {
    observedGeneration: generation,
    reason: outcome.reason,
    conditions: mergeConditions(server.status?.conditions ?? [], conditions, { now, generation }),
    ...(tools === undefined ? {} : { tools: { count: tools.count, names: tools.names.slice(0, STATUS_TOOL_NAMES) } }),
    ...(secretName === undefined ? {} : { secretName }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(endpoint === undefined ? {} : { endpoint }),
    expiresAt: outcome.expiresAt,
    // Another duty's field, carried on as it is.
    ...(server.status?.lastUsedTime === undefined ? {} : { lastUsedTime: server.status.lastUsedTime }),
  };
}

const NORMAL: ReadonlySet<ServerReason> = new Set<ServerReason>([
  'Serving',
  'Provisioning',
  'ExpiresAtPassed',
  'SuspendRequested',
]);

export function eventType(reason: ServerReason): 'Normal' | 'Warning' {
  return NORMAL.has(reason) ? 'Normal' : 'Warning';
}
