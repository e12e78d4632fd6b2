import type { ExpiryTimers } from '../../kubernetes/expiry-timers.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { ReconcileResult } from '../../kubernetes/work-queue.ts';
import type { Clock } from '../../process/clock.ts';
import { type CrispMcpServer, crispMcpServerType, type ServerReason } from '../../resources/crisp-mcp-server.ts';
import type { ObjectKey } from '../../resources/object.ts';
import { RouteConflictError, StoreUnavailableError } from '../../routes/errors.ts';
import type { TokenHash } from '../../routes/token.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { EventSink } from '../event-sink.ts';
import { writeStatus } from '../status-writer.ts';
import type { StoreSync } from '../store-sync.ts';
import type { ServerActor } from './act.ts';
import { decideServer } from './decide.ts';
import type { ServerGatherer } from './gather.ts';
import * as outcome from './outcome.ts';
import type { ServerDecision, ServerOutcome, ServerSituation, ServerStep } from './situation.ts';
import { eventType, serverStatus } from './status.ts';

/**
 * Brings one server to where it should be: gather, decide, act, as often as a decision asks to look again, then say in
 * the status how it stands. What fails becomes a condition where a person can act on it, and an error for the queue.
 */
export interface ReconcileServerOptions {
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  events: EventSink;
  clock: Clock;
  timers: ExpiryTimers;
  gatherer: ServerGatherer;
  actor: ServerActor;
  /** The server waits for the store; it is looked at when the store answers again. */
  onStoreFailure: (key: ObjectKey) => void;
  /** The server waits for a token that another one holds. */
  onTokenTaken: (key: ObjectKey, hash: TokenHash) => void;
  /** How the server stands; `undefined` when it is gone. */
  onReason: (key: ObjectKey, reason: ServerReason | undefined) => void;
}

const MOST_PASSES = 6;
/** Insurance only: when the store answers again, all that wait for it are looked at. */
const STORE_RETRY_MS = 10_000;
/** Insurance too: what a server waits for may go without anything that the server hears of. */
const CONFLICT_RETRY_MS = 60_000;

export class ServerReconciler {
  readonly #options: ReconcileServerOptions;

  constructor(options: ReconcileServerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult> {
    if (!(await this.#forgetVanished(key))) return { requeueAfterMs: STORE_RETRY_MS };
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const server = this.#options.view.servers.get(key);
      if (server === undefined) {
        this.#options.timers.clear(key);
        this.#options.onReason(key, undefined);
        return {};
      }
      const situation = await this.#options.gatherer.gather(server);
      const decision = decideServer(situation);
      try {
        for (const step of decision.steps) await this.#options.actor.act(step, situation);
      } catch (error) {
        return await this.#failed(key, situation, error);
      }
      if (!decision.again) return await this.#settle(key, situation, decision);
    }
    return { requeueAfterMs: 1_000 };
  }

  /** A server that vanished without its finalizer, or was replaced under its name, leaves routes behind; they go first. False when they could not. */
  async #forgetVanished(key: ObjectKey): Promise<boolean> {
    const { view, store, onStoreFailure } = this.#options;
    try {
      await view.vanishedServers.forget(key, (uid) => store.deleteRoutes(uid));
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      onStoreFailure(key);
      return false;
    }
  }

  async #settle(key: ObjectKey, situation: ServerSituation, decision: ServerDecision): Promise<ReconcileResult> {
    const { timers, onTokenTaken } = this.#options;
    if (decision.wakeAt !== undefined && decision.wakeAt > situation.now) timers.set(key, decision.wakeAt);
    else timers.clear(key);
    if (decision.status?.reason === 'TokenConflict' && situation.secret?.token.kind === 'valid') {
      onTokenTaken(key, situation.secret.token.hash);
    }
    if (decision.status === undefined) return {};
    await this.#say(key, situation, decision.status);
    const { reason } = decision.status;
    return reason === 'TokenConflict' || reason === 'SecretConflict' ? { requeueAfterMs: CONFLICT_RETRY_MS } : {};
  }

  async #failed(key: ObjectKey, situation: ServerSituation, error: unknown): Promise<ReconcileResult> {
    if (error instanceof StoreUnavailableError) return await this.#storeFailed(key, situation);
    if (error instanceof RouteConflictError) {
      const decision = decideServer({ ...situation, tokenHolder: situation.tokenHolder ?? 'another server' });
      if (decision.status !== undefined) await this.#say(key, situation, decision.status);
      return { requeueAfterMs: CONFLICT_RETRY_MS };
    }
    if (isApiError(error, 'NotFound') && this.#options.view.watched.servers.get(key) === undefined) return {};
    const refused = isApiError(error, 'Forbidden', 'Invalid', 'BadRequest');
    // While a namespace goes away nothing can be created in it, and the server is about to go with it.
    if (refused && situation.server.metadata.deletionTimestamp === undefined) {
      await this.#say(key, situation, outcome.provisioning(situation, error.reason));
    }
    throw error;
  }

  /** What the store's failure leaves possible is done; the rest waits, and the status says so. */
  async #storeFailed(key: ObjectKey, situation: ServerSituation): Promise<ReconcileResult> {
    const { gatherer, actor, onStoreFailure } = this.#options;
    const server = this.#options.view.servers.get(key) ?? situation.server;
    const failing = { ...situation, server, store: await gatherer.storeFailure(server) };
    const decision = decideServer(failing);
    if (decision.status?.reason === 'StoreUnavailable') {
      onStoreFailure(key);
      await this.#say(key, failing, decision.status);
      return { requeueAfterMs: STORE_RETRY_MS };
    }
    for (const step of decision.steps) {
      if (!needsStore(step)) await actor.act(step, failing);
    }
    if (decision.status !== undefined) await this.#say(key, failing, decision.status);
    return {};
  }

  async #say(key: ObjectKey, situation: ServerSituation, said: ServerOutcome): Promise<void> {
    const { api, view, events, clock, onReason } = this.#options;
    const server = view.servers.get(key) ?? situation.server;
    const before = server.status?.reason;
    const status = serverStatus(server, said, clock.now());
    const result = await writeStatus<object, CrispMcpServer>(api, crispMcpServerType, server, status);
    onReason(key, said.reason);
    if (!result.written) return;
    view.servers.wrote(result.object, server);
    const message = said.conditions[0]?.message ?? said.reason;
    if (before !== said.reason) {
      const type = eventType(said.reason);
      events.record({ regarding: server, type, reason: said.reason, action: 'Reconcile', note: message });
    }
  }
}

function needsStore(step: ServerStep): boolean {
  return step.do === 'deleteRoutes' || step.do === 'putRoute';
}
