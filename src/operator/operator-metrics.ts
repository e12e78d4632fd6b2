import { Counter, Gauge, Histogram } from 'prom-client';
import type { RunOutcome, WorkQueueObserver } from '../kubernetes/work-queue.ts';
import type { Metrics } from '../process/metrics.ts';
import { SERVER_REASONS, type ServerReason } from '../resources/crisp-mcp-server.ts';
import type { ObjectKey } from '../resources/object.ts';
import type { LastUseObserver, LastUseWrite } from './last-use-status.ts';
import type { StoreState } from './store-sync.ts';

/**
 * What the operator counts. All label values are from closed sets and exist from the start, so that a rate over them
 * is right from the first event.
 */
export type ReconciledKind = 'server' | 'account' | 'apiToken';

const KINDS: readonly ReconciledKind[] = ['server', 'account', 'apiToken'];
const OUTCOMES: readonly RunOutcome[] = ['success', 'requeue', 'conflict', 'error', 'terminal', 'panic'];
const LAST_USE_WRITES: readonly LastUseWrite[] = ['written', 'conflict', 'failed'];

export class OperatorMetrics implements LastUseObserver {
  readonly #reconciles: Counter<'kind' | 'result'>;
  readonly #durations: Histogram<'kind'>;
  readonly #depth: Gauge<'kind'>;
  readonly #servers: Gauge<'reason'>;
  readonly #lastUsePages: Counter<'result'>;
  readonly #lastUseWrites: Counter<'result'>;
  readonly #lastUsesForgotten: Counter;
  readonly #reasons = new Map<ObjectKey, ServerReason>();

  constructor(metrics: Metrics, source: { leading: () => boolean; storeState: () => StoreState }) {
    const registers = [metrics];
    this.#reconciles = new Counter({
      name: 'crisp_mcp_reconciles_total',
      help: 'Reconciles by kind and result.',
      labelNames: ['kind', 'result'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'crisp_mcp_reconcile_seconds',
      help: 'Duration of a reconcile.',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#depth = new Gauge({
      name: 'crisp_mcp_queue_depth',
      help: 'Keys that wait to be reconciled now.',
      labelNames: ['kind'],
      registers,
    });
    this.#servers = new Gauge({
      name: 'crisp_mcp_servers',
      help: 'CrispMcpServers by the reason in their status. Only the leader counts.',
      labelNames: ['reason'],
      registers,
    });
    this.#lastUsePages = new Counter({
      name: 'crisp_mcp_last_use_pages_total',
      help: 'Pages of the book of last uses that were read, or could not be.',
      labelNames: ['result'],
      registers,
    });
    this.#lastUseWrites = new Counter({
      name: 'crisp_mcp_last_use_writes_total',
      help: 'Last uses written to statuses; "conflict": somebody else wrote first, "failed": the API refused or did not answer.',
      labelNames: ['result'],
      registers,
    });
    this.#lastUsesForgotten = new Counter({
      name: 'crisp_mcp_last_uses_forgotten_total',
      help: 'Entries struck out of the book of last uses as their servers are gone.',
      registers,
    });
    new Gauge({
      name: 'crisp_mcp_leading',
      help: '1 while this process leads.',
      registers,
      collect() {
        this.set(source.leading() ? 1 : 0);
      },
    });
    new Gauge({
      name: 'crisp_mcp_store_verified',
      help: '1 while this leader has the route store rebuilt and verified.',
      registers,
      collect() {
        this.set(source.storeState() === 'synced' ? 1 : 0);
      },
    });
    for (const kind of KINDS) {
      this.#depth.set({ kind }, 0);
      for (const result of OUTCOMES) this.#reconciles.inc({ kind, result }, 0);
    }
    for (const result of ['success', 'failed']) this.#lastUsePages.inc({ result }, 0);
    for (const result of LAST_USE_WRITES) this.#lastUseWrites.inc({ result }, 0);
    for (const reason of Object.keys(SERVER_REASONS)) this.#servers.set({ reason }, 0);
  }

  observer(kind: ReconciledKind): WorkQueueObserver {
    return {
      depth: (keys) => this.#depth.set({ kind }, keys),
      finished: (result, durationMs) => {
        this.#reconciles.inc({ kind, result });
        this.#durations.observe({ kind }, durationMs / 1_000);
      },
    };
  }

  lastUsePage(result: 'success' | 'failed'): void {
    this.#lastUsePages.inc({ result });
  }

  lastUseWrite(result: LastUseWrite): void {
    this.#lastUseWrites.inc({ result });
  }

  lastUsesForgotten(count: number): void {
    this.#lastUsesForgotten.inc(count);
  }

  serverReason(key: ObjectKey, reason: ServerReason | undefined): void {
    const before = this.#reasons.get(key);
    if (before === reason) return;
    if (before !== undefined) this.#servers.dec({ reason: before });
    if (reason === undefined) this.#reasons.delete(key);
    else {
      this.#reasons.set(key, reason);
      this.#servers.inc({ reason });
    }
  }
}
