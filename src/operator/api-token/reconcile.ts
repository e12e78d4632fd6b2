import type { ExpiryTimers } from '../../kubernetes/expiry-timers.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { ReconcileResult } from '../../kubernetes/work-queue.ts';
import type { Clock } from '../../process/clock.ts';
import { mergeConditions } from '../../resources/conditions.ts';
import {
  type ApiTokenReason,
  type CrispApiToken,
  type CrispApiTokenStatus,
  crispApiTokenType,
} from '../../resources/crisp-api-token.ts';
import type { ObjectKey } from '../../resources/object.ts';
import { RouteConflictError, StoreUnavailableError } from '../../routes/errors.ts';
import type { TokenHash } from '../../routes/token.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { EventSink } from '../event-sink.ts';
import { writeStatus } from '../status-writer.ts';
import type { StoreSync } from '../store-sync.ts';
import type { ApiTokenActor } from './act.ts';
import { decideApiToken } from './decide.ts';
import type { ApiTokenGatherer } from './gather.ts';
import * as outcome from './outcome.ts';
import type { ApiTokenDecision, ApiTokenOutcome, ApiTokenSituation, ApiTokenStep } from './situation.ts';

/**
 * Brings one API token to where it should be: gather, decide, act, as often as a decision asks to look again, then say in
 * the status how it stands. What fails becomes a condition where a person can act on it, and an error for the queue.
 */
export interface ReconcileApiTokenOptions {
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  events: EventSink;
  clock: Clock;
  timers: ExpiryTimers;
  gatherer: ApiTokenGatherer;
  actor: ApiTokenActor;
  /** It waits for the store, and is looked at when the store answers again. */
  onStoreFailure: (key: ObjectKey) => void;
  /** It waits for a token that another one holds. */
  onTokenTaken: (key: ObjectKey, hash: TokenHash) => void;
}

const MOST_PASSES = 6;
/** Insurance only: when the store answers again, all that wait for it are looked at. */
const STORE_RETRY_MS = 10_000;
/** Insurance too: what it waits for may go without anything that it hears of. */
const CONFLICT_RETRY_MS = 60_000;

export class ApiTokenReconciler {
  readonly #options: ReconcileApiTokenOptions;

  constructor(options: ReconcileApiTokenOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult> {
    if (!(await this.#forgetVanished(key))) return { requeueAfterMs: STORE_RETRY_MS };
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const apiToken = this.#options.view.apiTokens.get(key);
      if (apiToken === undefined) {
        this.#options.timers.clear(key);
        return {};
      }
      const situation = await this.#options.gatherer.gather(apiToken);
      const decision = decideApiToken(situation);
      try {
        for (const step of decision.steps) await this.#options.actor.act(step, situation);
      } catch (error) {
        return await this.#failed(key, situation, error);
      }
      if (!decision.again) return await this.#settle(key, situation, decision);
    }
    return { requeueAfterMs: 1_000 };
  }

  /** One that vanished without its finalizer, or was replaced under its name, leaves records behind. False when they could not be removed. */
  async #forgetVanished(key: ObjectKey): Promise<boolean> {
    const { view, store, onStoreFailure } = this.#options;
    try {
      await view.vanishedApiTokens.forget(key, (uid) => store.deleteApiTokens(uid));
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      onStoreFailure(key);
      return false;
    }
  }

  async #settle(key: ObjectKey, situation: ApiTokenSituation, decision: ApiTokenDecision): Promise<ReconcileResult> {
    const { timers, onTokenTaken } = this.#options;
    if (decision.wakeAt !== undefined && decision.wakeAt > situation.now) timers.set(key, decision.wakeAt);
    else timers.clear(key);
    if (decision.status === undefined) return {};
    if (decision.status.reason === 'TokenConflict' && situation.secret?.token.kind === 'valid') {
      onTokenTaken(key, situation.secret.token.hash);
    }
    await this.#say(key, situation, decision.status);
    const { reason } = decision.status;
    return reason === 'TokenConflict' || reason === 'SecretConflict' ? { requeueAfterMs: CONFLICT_RETRY_MS } : {};
  }

  async #failed(key: ObjectKey, situation: ApiTokenSituation, error: unknown): Promise<ReconcileResult> {
    if (error instanceof StoreUnavailableError) return await this.#storeFailed(key, situation);
    if (error instanceof RouteConflictError) {
      const tokenHolder = situation.tokenHolder ?? 'another one';
      const decision = decideApiToken({ ...situation, tokenHolder });
      if (decision.status !== undefined) await this.#say(key, situation, decision.status);
      return { requeueAfterMs: CONFLICT_RETRY_MS };
    }
    if (isApiError(error, 'NotFound') && this.#options.view.watched.apiTokens.get(key) === undefined) return {};
    const refused = isApiError(error, 'Forbidden', 'Invalid', 'BadRequest');
    // While a namespace goes away nothing can be created in it, and this one is about to go with it.
    if (refused && situation.apiToken.metadata.deletionTimestamp === undefined) {
      await this.#say(key, situation, outcome.provisioning(situation, error.reason));
    }
    throw error;
  }

  /** What the store's failure leaves possible is done; the rest waits, and the status says so. */
  async #storeFailed(key: ObjectKey, situation: ApiTokenSituation): Promise<ReconcileResult> {
    const { gatherer, actor, onStoreFailure, view } = this.#options;
    const apiToken = view.apiTokens.get(key) ?? situation.apiToken;
    const failing = { ...situation, apiToken, store: await gatherer.storeFailure(apiToken) };
    const decision = decideApiToken(failing);
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

  async #say(key: ObjectKey, situation: ApiTokenSituation, said: ApiTokenOutcome): Promise<void> {
    const { api, view, events, clock } = this.#options;
    const apiToken = view.apiTokens.get(key) ?? situation.apiToken;
    const before = apiToken.status?.reason;
    const status = apiTokenStatus(apiToken, said, clock.now());
    const result = await writeStatus<object, CrispApiToken>(api, crispApiTokenType, apiToken, status);
    if (!result.written) return;
    view.apiTokens.wrote(result.object, apiToken);
    if (before === said.reason) return;
    const note = said.conditions[0]?.message ?? said.reason;
    events.record({
      regarding: apiToken,
      type: eventType(said.reason),
      reason: said.reason,
      action: 'Reconcile',
      note,
    });
  }
}

/** The status to store: the same outcome on the same object yields the same bytes, whatever the time. */
function apiTokenStatus(apiToken: CrispApiToken, said: ApiTokenOutcome, now: number): CrispApiTokenStatus {
  const generation = apiToken.metadata.generation ?? 0;
  const conditions = said.conditions.map((state) => ({ ...state, message: state.message.slice(0, 2048) }));
  const { secretName, fingerprint } = said;
  return {
    observedGeneration: generation,
    reason: said.reason,
    conditions: mergeConditions(apiToken.status?.conditions ?? [], conditions, { now, generation }),
    ...(secretName === undefined ? {} : { secretName }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    expiresAt: said.expiresAt,
  };
}

const NORMAL: ReadonlySet<ApiTokenReason> = new Set<ApiTokenReason>(['Issued', 'Provisioning', 'ExpiresAtPassed']);

function eventType(reason: ApiTokenReason): 'Normal' | 'Warning' {
  return NORMAL.has(reason) ? 'Normal' : 'Warning';
}

function needsStore(step: ApiTokenStep): boolean {
  return step.do === 'deleteRecords' || step.do === 'putRecord';
}
