import { Counter, Gauge } from 'prom-client';
import type { CallOutcome } from '../crisp/outcome.ts';
import type { Metrics } from '../process/metrics.ts';
import type { GatewayLedger } from '../routes/ledger/gateway-ledger.ts';
import type { RouteReader } from '../routes/store.ts';
import type { AccessLog } from './access-log.ts';
import type { Admission } from './admission.ts';
import type { AuditTrail } from './audit/audit-trail.ts';
import type { CallLimits } from './call-limits.ts';
import type { CrispQuota } from './crisp-quota.ts';
import type { ManifestCache } from './manifest-cache.ts';
import { RequestTally } from './request-tally.ts';
import type { RunningCalls } from './running-calls.ts';
import type { Tracing } from './tracing/tracing.ts';
import type { Usage } from './usage.ts';

/**
 * The gateway's metrics. Labels are from closed sets: what the request asked for, how it ended. Counts kept elsewhere are
 * read only when somebody scrapes.
 */
export interface GatewayMetrics {
  /** A request has arrived; {@link request} follows when it has been answered. */
  arrived(): void;
  request(rpc: string, outcome: string, durationMs: number): void;
  call(outcome: CallOutcome): void;
}

export function createGatewayMetrics(options: {
  registry: Metrics;
  admission: Admission;
  reader: Pick<RouteReader, 'staleness' | 'clockOffset'>;
  manifests: ManifestCache;
  limits: CallLimits;
  running: Pick<RunningCalls, 'streams'>;
  accessLog: AccessLog;
  audit: AuditTrail | undefined;
  quota: Pick<CrispQuota, 'highest'>;
  ledger: Pick<GatewayLedger, 'replicas' | 'waiting' | 'lost'>;
  usage: Usage;
  tracing: Tracing | undefined;
  isReady: () => boolean;
}): GatewayMetrics {
  const { registry, admission, reader, manifests, limits, running, accessLog, audit, ledger, usage, tracing } = options;
  const registers = [registry];
  const requests = new RequestTally(registry);
  const calls = new Map<string, number>();
  const upstream = new Map<string, number>();
  let requestsRunning = 0;
  new Counter({
    name: 'crisp_mcp_gateway_tool_calls_total',
    help: 'Tool calls by what came of them: success, or the code of the failure.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const [result, count] of calls) this.inc({ result }, count);
    },
  });
  new Counter({
    name: 'crisp_mcp_gateway_upstream_answers_total',
    help: 'Answers of Crisp to tool calls: the class of its status, limited (429 and 420), or none.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      for (const [status, count] of upstream) this.inc({ status }, count);
    },
  });
  const read = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `crisp_mcp_gateway_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const { counts } = admission.routes;
  const count = (name: string, help: string, values: () => Record<string, number>) =>
    new Counter({
      name: `crisp_mcp_gateway_${name}`,
      help,
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        for (const [result, value] of Object.entries(values())) this.inc({ result }, value);
      },
    });
  count('route_lookups_total', 'Look-ups in the route cache.', () => ({
    hit: counts.hits,
    miss: counts.misses,
    unknown: counts.unknownHits,
  }));
  count('route_fetches_total', 'Fetches from the route store; "overtaken" and "failed" are among "all".', () => ({
    all: counts.fetches,
    failed: counts.fetchesFailed,
    overtaken: counts.fetchesOvertaken,
  }));
  read('routes_cached', 'Routes in the cache.', () => admission.routes.size);
  read('store_fresh', '1 while the invalidation channel of the route store is alive.', () =>
    admission.isStale() ? 0 : 1,
  );
  read(
    'store_staleness_seconds',
    'Time since the invalidation channel last proved itself alive; -1 before that.',
    () => {
      const staleness = reader.staleness();
      return Number.isFinite(staleness) ? staleness / 1_000 : -1;
    },
  );
  read('clock_offset_seconds', 'Clock of the route store minus clock of this process.', () => {
    return (reader.clockOffset() ?? 0) / 1_000;
  });
  read('ready', '1 while the process may receive requests.', () => (options.isReady() ? 1 : 0));
  read('manifest_bytes', 'Bytes of cached tool lists.', () => manifests.bytes);
  read('manifests_cached', 'Cached tool lists.', () => manifests.size);
  read('manifests_built', 'Tool lists ever built.', () => manifests.built);
  read('requests_running', 'Requests that are being answered, open streams among them.', () => requestsRunning);
  read('streams_open', 'Open event streams.', () => running.streams);
  read('calls_running', 'Tool calls that hold a slot.', () => limits.running);
  read('calls_waiting', 'Tool calls that wait for a slot.', () => limits.waiting);
  read('access_log_lines_lost', 'Lines of the access log that could not be written.', () => accessLog.lost);
  new Gauge({
    name: 'crisp_mcp_gateway_crisp_requests_today',
    help: 'Requests to Crisp today (UTC), over all gateways, by the credential of the tier that made most.',
    labelNames: ['tier'],
    registers,
    collect() {
      this.reset();
      for (const [tier, used] of options.quota.highest()) this.set({ tier }, used);
    },
  });
  read('replicas', 'Live gateways, as this one knows.', () => ledger.replicas);
  read('ledger_waiting', 'Counts that wait to be added to those of the other gateways.', () => ledger.waiting);
  read('ledger_lost', 'Counts that never reached the other gateways, or may not have.', () => ledger.lost);
  read(
    'uses_unnoted',
    "Requests and calls that are missing in their servers' last use and counts.",
    () => usage.unnoted,
  );
  if (audit !== undefined) {
    count('audit_records_total', 'Records of tool calls: written to the sink, or lost for want of room.', () => ({
      written: audit.written,
      lost: audit.lost,
    }));
    count('audit_calls_total', 'Tool calls that were refused because they could not be recorded.', () => ({
      refused: audit.refused,
    }));
    read('audit_backlog', 'Audit records that wait for the sink.', () => audit.backlog);
    read('audit_failing', '1 while the audit sink cannot be written to.', () => (audit.failing ? 1 : 0));
  }
  if (tracing !== undefined) {
    count('spans_total', 'Spans of traces: sent, or lost because they could not be.', () => ({ ...tracing.counts }));
  }

  return {
    arrived: () => {
      requestsRunning++;
    },
    request: (rpc, outcome, durationMs) => {
      requestsRunning--;
      requests.add(rpc, outcome, durationMs);
    },
    call: (outcome) => {
      const result = outcome.kind === 'success' ? 'success' : outcome.code;
      calls.set(result, (calls.get(result) ?? 0) + 1);
      const status = statusClass(outcome.upstreamStatus);
      upstream.set(status, (upstream.get(status) ?? 0) + 1);
    },
  };
}

function statusClass(status: number | undefined): string {
  if (status === undefined) return 'none';
  if (status === 429 || status === 420) return 'limited';
  return status >= 200 && status < 600 ? `${Math.floor(status / 100)}xx` : 'other';
}
