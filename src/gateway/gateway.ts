import { ALL_TOOLS } from '../catalog/catalog.ts';
import { availableTo, selectTools } from '../catalog/filter.ts';
import type { Tool } from '../catalog/tool.ts';
import type { CrispCaller } from '../crisp/outcome.ts';
import { AtMostEvery } from '../process/at-most-every.ts';
import { type Clock, delay } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Metrics } from '../process/metrics.ts';
import { type Random, systemRandom } from '../process/random.ts';
import { GatewayLedger, type LedgerStore } from '../routes/ledger/gateway-ledger.ts';
import { MemoryLedgerStore } from '../routes/ledger/memory-ledger-store.ts';
import type { RouteReader } from '../routes/store.ts';
import { AccessLog, type AccessLogDestination } from './access-log.ts';
import { Admission } from './admission.ts';
import type { AuditSink } from './audit/audit-sink.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { type CallLimitOptions, CallLimits, DEFAULT_CALL_LIMITS } from './call-limits.ts';
import { CallObserver } from './call-observer.ts';
import { CrispQuota } from './crisp-quota.ts';
import { createCrispFeatures } from './features/crisp-features.ts';
import { createFeatureServer } from './features/feature-server.ts';
import type { Features } from './features/features.ts';
import { FirstSync } from './first-sync.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { createHttpServer, DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-server.ts';
import { Introductions } from './introduction.ts';
import { LegacySse } from './legacy-sse.ts';
import { type Listener, listen } from './listener.ts';
import { ManifestCache } from './manifest-cache.ts';
import { createMcpEndpoint } from './mcp-endpoint.ts';
import { createOriginPolicy, type OriginPolicyOptions } from './origin-policy.ts';
import { RateLimits } from './rate-limits.ts';
import { RunningCalls } from './running-calls.ts';
import { DEFAULT_SUBSCRIPTION_LIMITS, type SubscriptionLimits, Subscriptions } from './subscriptions.ts';
import { createToolCaller } from './tool-call.ts';
import { createResultWriter } from './tool-result.ts';
import { type Catalogue, Toolsets } from './toolset.ts';
import type { Tracing } from './tracing/tracing.ts';
import { Usage } from './usage.ts';

/**
 * The data plane as one object: it puts the parts of this folder together, listens, and ends in order. It owns its HTTP
 * server and timers; reader and caller belong to whoever made them and are closed after it.
 */
export interface Gateway {
  /** Origin on which it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  readonly admission: Admission;
  /** Why the process must not receive requests; empty when it may. */
  notReady(): readonly string[];
  /** Not ready from now on; answers close their connections; resolves when calls have ended and the port is closed. */
  drain(): Promise<void>;
  /** Ends at once, cutting what runs. */
  close(): Promise<void>;
}

export interface GatewayConfig extends OriginPolicyOptions {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Of this program, as clients see it. */
  version?: string;
  /** Milliseconds of silence of the invalidation channel after which nothing is served. */
  staleFor?: number;
  /** Routes to keep in memory. */
  maxRoutes?: number;
  /** Longest tool call, milliseconds. */
  callTimeout?: number;
  /** Bytes of cached tool lists. */
  maxManifestBytes?: number;
  /** How long modern clients may keep a tool list, milliseconds. */
  listTtl?: number;
  /** While draining: how long new connections are still accepted, until balancers have noticed, milliseconds. */
  drainDelay?: number;
  /** While draining: how long running calls may take to end, milliseconds. */
  drainTimeout?: number;
  /** Serves HTTP+SSE, the transport of 2024, too; its sessions live in this process alone. */
  legacySse?: boolean;
  /** Share of the requests that succeed which the access log shows; those that do not are always in it. */
  accessLogSample?: number;
  /** Tool calls that cannot be recorded are refused. */
  auditRequired?: boolean;
  /** Audit records hold the arguments too, redacted. */
  auditArguments?: boolean;
  streams?: Partial<SubscriptionLimits>;
  http?: Partial<HttpLimits>;
  calls?: Partial<CallLimitOptions>;
}

export interface GatewayOptions {
  reader: RouteReader;
  caller: CrispCaller;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  config: GatewayConfig;
  /** Default: stderr. */
  accessLog?: AccessLogDestination;
  /** Where the record of each tool call goes; the gateway closes it. Default: nowhere. */
  audit?: AuditSink;
  /** Where this gateway meets the others; it closes it. Default: memory, where there is no other. */
  ledger?: LedgerStore;
  /** The gateway closes it. Default: no traces; a client's context is passed on all the same. */
  tracing?: Tracing;
  /** Default: the whole catalogue. Tests bring their own. */
  tools?: readonly Tool[];
  /** Default: prompts, resources and completions for Crisp. */
  features?: Features;
  random?: Random;
}

/** Beyond the time that calls are given: for their answers to leave, milliseconds. */
const CLOSE_GRACE = 500;
const SERVER_NAME = 'crisp-mcp';
/** About a failing store. */
const COMPLAIN_EACH_MS = 10_000;

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { reader, caller, clock, logger, config, random = systemRandom } = options;
  const serverInfo = { name: SERVER_NAME, version: config.version ?? '0.0.0' };
  const complaints = new AtMostEvery(clock, COMPLAIN_EACH_MS);
  const admission = new Admission({
    reader,
    clock,
    onFetchFailed: (error) => {
      if (!complaints.claim()) return;
      logger.warn('the route store did not answer; requests with unknown tokens get 503', { error });
    },
    ...(config.staleFor === undefined ? {} : { staleFor: config.staleFor }),
    ...(config.maxRoutes === undefined ? {} : { maxRoutes: config.maxRoutes }),
  });
  const toolsets = new Toolsets(catalogueOf(options.tools ?? ALL_TOOLS));
  const manifests = new ManifestCache({
    serverInfo,
    ...(config.maxManifestBytes === undefined ? {} : { maxBytes: config.maxManifestBytes }),
  });
  const running = new RunningCalls({ clock, admission, timeout: config.callTimeout ?? 60_000 });
  const limits = new CallLimits(clock, { ...DEFAULT_CALL_LIMITS, ...config.calls });
  const accessLog = new AccessLog({
    destination: options.accessLog ?? process.stderr,
    clock,
    random,
    sample: config.accessLogSample ?? 1,
  });
  const audit =
    options.audit === undefined
      ? undefined
      : new AuditTrail({ sink: options.audit, clock, random, logger, required: config.auditRequired ?? false });
  const ledger = new GatewayLedger({ store: options.ledger ?? new MemoryLedgerStore(clock), clock, random, logger });
  const rates = new RateLimits({ clock, replicas: () => ledger.replicas });
  const quota = new CrispQuota({ ledger, clock });
  caller.onRequest((credential, tier) => quota.count(credential, tier));
  const usage = new Usage({ ledger });
  const sync = new FirstSync({ reader, admission, clock });
  let draining = false;
  const notReady = () => reasons({ draining, synced: sync.done, offset: admission.clockDisagreement() });
  const metrics = createGatewayMetrics({
    registry: options.metrics,
    admission,
    reader,
    manifests,
    limits,
    running,
    accessLog,
    audit,
    ledger,
    quota,
    usage,
    tracing: options.tracing,
    isReady: () => notReady().length === 0,
  });
  const callTool = createToolCaller({
    caller,
    toolsets,
    limits,
    rates,
    quota,
    running,
    admission,
    observer: new CallObserver({
      audit,
      usage,
      tracing: options.tracing,
      clock,
      isTool: (name) => toolsets.exists(name),
      withArguments: config.auditArguments ?? false,
      count: metrics.call,
    }),
    results: createResultWriter(serverInfo),
    logger,
  });
  const features = options.features ?? createCrispFeatures();
  const subscriptions = new Subscriptions({
    clock,
    running,
    toolsets,
    serverInfo,
    limits: { ...DEFAULT_SUBSCRIPTION_LIMITS, ...config.streams },
  });
  const endpoint = createMcpEndpoint({
    introductions: new Introductions({ serverInfo, features }),
    toolsets,
    manifests,
    callTool,
    answerFeature: createFeatureServer({ features, serverInfo, callTool, running, logger }),
    listen: (request) => subscriptions.listen(request),
    rates,
    ownTools: features.ownTools,
    listTtl: config.listTtl ?? 60_000,
  });
  const server = createHttpServer({
    admission,
    endpoint,
    legacySse: config.legacySse === true ? new LegacySse({ random, running, subscriptions, endpoint }) : undefined,
    checkOrigin: createOriginPolicy(config),
    accessLog,
    metrics,
    usage,
    tracing: options.tracing,
    clock,
    logger,
    limits: { ...DEFAULT_HTTP_LIMITS, ...config.http },
    isDraining: () => draining,
  });

  const closeParts = () => Promise.all([audit?.close(), options.tracing?.close(), ledger.close()]);
  let listener: Listener;
  try {
    listener = await listen(server, config.host, config.port);
  } catch (error) {
    // Their timers would keep alive a process that has nothing left to do.
    running.close();
    await closeParts();
    throw error;
  }
  await admission.start({
    routeChanged: (hash) => running.routeChanged(hash),
    apiTokenChanged: (hash) => running.apiTokenChanged(hash),
    accountChanged: (uid) => running.accountChanged(uid),
    allChanged: () => {
      sync.check();
      running.allChanged();
    },
  });
  sync.check();

  let ended: Promise<void> | undefined;
  const end = (within: number) => {
    draining = true;
    sync.stop();
    running.stopStreams('closing');
    const given = clock.setTimer(within, () => running.stopAll('closing'));
    ended ??= listener.close(within + CLOSE_GRACE).then(async () => {
      given.cancel();
      running.stopAll('closing');
      const patience = new AbortController();
      await Promise.race([running.whenIdle(), delay(clock, CLOSE_GRACE, patience.signal)]);
      patience.abort();
      accessLog.flush();
      running.close();
      await closeParts();
    });
    return ended;
  };
  return {
    url: listener.url,
    port: listener.port,
    admission,
    notReady,
    drain: async () => {
      draining = true;
      await delay(clock, config.drainDelay ?? 0);
      await end(config.drainTimeout ?? 25_000);
    },
    close: () => {
      running.stopAll('closing');
      return end(0);
    },
  };
}

/** The tools, as the filter of a server and the tiers of its account select them. */
function catalogueOf(tools: readonly Tool[]): Catalogue {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    select: (filter, tiers) => availableTo(selectTools(tools, filter), tiers),
    find: (name) => byName.get(name),
  };
}

function reasons(state: { draining: boolean; synced: boolean; offset: number | undefined }): readonly string[] {
  const { draining, synced, offset } = state;
  return [
    ...(draining ? ['draining: the process is ending'] : []),
    ...(synced ? [] : ['the route store has not been verified yet: is Redis reachable, and does an operator lead?']),
    ...(offset === undefined
      ? []
      : [`the clock differs from the route store's by ${(offset / 1_000).toFixed(1)} s: synchronise the clocks`]),
  ];
}
