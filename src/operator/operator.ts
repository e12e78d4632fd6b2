import { ALL_TOOLS } from '../catalog/catalog.ts';
import type { Tool } from '../catalog/tool.ts';
import type { CredentialChecker } from '../crisp/outcome.ts';
import { secretType } from '../kubernetes/core-types.ts';
import { EventRecorder } from '../kubernetes/event-recorder.ts';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import { Reflector } from '../kubernetes/reflector.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Metrics } from '../process/metrics.ts';
import type { Random } from '../process/random.ts';
import { crispAccountType } from '../resources/crisp-account.ts';
import { crispApiTokenType } from '../resources/crisp-api-token.ts';
import { crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { CONTROLLER_NAME } from '../resources/names.ts';
import type { KubernetesObject, ResourceType } from '../resources/object.ts';
import type { LastUseBook } from '../routes/ledger/last-use-book.ts';
import type { RouteWriter } from '../routes/store.ts';
import { VerdictMemory } from './account/verdict-memory.ts';
import { ClusterView } from './cluster-view.ts';
import { allowedOrigins, type OperatorConfig } from './config.ts';
import type { EventSink } from './event-sink.ts';
import { gateWrites } from './leader-gate.ts';
import { Leadership } from './leadership.ts';
import { OperatorMetrics } from './operator-metrics.ts';
import type { StoreState } from './store-sync.ts';

/**
 * The operator as one part: give it an object API, a route store and a way to ask Crisp, and it keeps the store as the
 * resources say. The same code runs in a cluster (several replicas, one leads), in standalone mode (it always leads) and
 * in the simulation (injected clock and randomness; it owns no other timer).
 *
 * A follower keeps its caches warm and writes nothing. `lead` may be called once; when leadership is lost the process
 * should exit, as a leader cannot know what it still has in flight.
 */
export interface OperatorOptions {
  api: ObjectApi;
  store: RouteWriter;
  /** Where gateways note the last use of servers. Default: statuses say nothing of it. */
  lastUses?: LastUseBook;
  checker: CredentialChecker;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: Metrics;
  config: OperatorConfig;
  /** Whether the lease is held right now; asked before each write. Default: always. */
  isLeader?: () => boolean;
  /** Another leader has written to the store: stop, and exit. */
  onFenced?: () => void;
  /** Where events go. Default: the API's. */
  events?: EventSink;
  /** The catalogue; replaced in tests. */
  tools?: readonly Tool[];
}

export interface Operator {
  /** Begins to watch; resolves when the caches are complete. */
  start(): Promise<void>;
  /** Begins to lead, once the caches are complete; resolves when the first rebuild of the store ended, well or not. */
  lead(leaseTransitions: number): Promise<void>;
  /** Compares everything with the route store now: after a change of keys, so that all is written with the new one. */
  resync(): Promise<void>;
  /** Ends: running reconciles may finish, within a bound. Release the lease afterwards. */
  stop(): Promise<void>;
  /** Ends at once, as a crash does: nothing more is written. */
  halt(): void;
  /** Why it is not ready; empty when it is. A follower with warm caches is ready. */
  notReady(): readonly string[];
  /** Nothing waits and nothing runs: a quiet point. */
  readonly idle: boolean;
  readonly storeState: StoreState;
}

export function createOperator(options: OperatorOptions): Operator {
  const { api, clock, random, logger, config } = options;
  const reflect = <T extends KubernetesObject>(type: ResourceType<T>, metadataOnly: boolean) =>
    new Reflector({
      api,
      type,
      metadataOnly,
      clock,
      random,
      logger,
      ...(config.namespaces === undefined ? {} : { namespaces: config.namespaces }),
    });
  const watched = {
    servers: reflect(crispMcpServerType, false),
    accounts: reflect(crispAccountType, false),
    apiTokens: reflect(crispApiTokenType, false),
    secrets: reflect(secretType, true),
  };
  const reflectors = [watched.accounts, watched.servers, watched.apiTokens, watched.secrets];
  const view = new ClusterView({ api, watched, clock });
  let leadership: Leadership | undefined;
  let led = false;
  const isLeading = () => leadership?.active === true && (options.isLeader?.() ?? true);
  const recorder = new EventRecorder({
    api: gateWrites(api, isLeading),
    controller: CONTROLLER_NAME,
    instance: config.instance ?? 'crisp-mcp-operator',
    clock,
    random,
    logger,
  });
  const metrics = new OperatorMetrics(options.metrics, {
    leading: isLeading,
    storeState: () => leadership?.storeState ?? 'idle',
  });

  return {
    async start() {
      for (const reflector of reflectors) reflector.start();
      await Promise.all(reflectors.map((reflector) => reflector.waitForSync()));
    },
    async lead(leaseTransitions) {
      if (led) throw new Error('The operator already leads, or led; start another process');
      led = true;
      // With half a cache, a rebuild would take the other half's routes for strays.
      const synced = await Promise.all(reflectors.map((reflector) => reflector.waitForSync()));
      if (synced.includes(false)) return;
      // A follower's caches may lag: they could show as live what the last leader has just suspended or deleted.
      const fresh = await Promise.all(reflectors.map((reflector) => reflector.refresh()));
      if (fresh.includes(false)) return;
      leadership = new Leadership({
        ...options,
        events: options.events ?? recorder,
        view,
        metrics,
        isLeading,
        tools: options.tools ?? ALL_TOOLS,
        verdicts: new VerdictMemory({ clock, random }),
        allowedOrigins: allowedOrigins(config),
        onFenced: () => {
          leadership?.halt();
          options.onFenced?.();
        },
      });
      await leadership.start(leaseTransitions);
    },
    async resync() {
      if (isLeading()) await leadership?.resync();
    },
    async stop() {
      await leadership?.drain();
      await recorder.close();
      leadership?.halt();
      await Promise.all(reflectors.map((reflector) => reflector.stop()));
      view.close();
    },
    halt() {
      leadership?.halt();
      for (const reflector of reflectors) void reflector.stop();
      view.close();
    },
    notReady() {
      return reflectors.flatMap((reflector, index) =>
        reflector.synced
          ? []
          : [`The list of ${['accounts', 'servers', 'API tokens', 'Secrets'][index]} is not complete yet`],
      );
    },
    get idle() {
      return leadership?.idle ?? true;
    },
    get storeState() {
      return leadership?.storeState ?? 'idle';
    },
  };
}
