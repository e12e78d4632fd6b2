import type { ExpiryTimers } from '../../kubernetes/expiry-timers.ts';
import { isApiError } from '../../kubernetes/object-api.ts';
import type { ReconcileResult } from '../../kubernetes/work-queue.ts';
import type { ObjectKey } from '../../resources/object.ts';
import { RouteConflictError, StoreUnavailableError } from '../../routes/errors.ts';
import type { TokenHash } from '../../routes/token.ts';
import { writeStatus } from '../status-writer.ts';
import type { ActOptions, OwnerActor } from './act.ts';
import { decide } from './decide.ts';
import type { OwnerGatherer } from './gather.ts';
import * as outcome from './outcome.ts';
import type { CommonReason, Decision, Outcome, OwnerTypes, Situation, Step } from './situation.ts';
import { ownerStatus } from './status.ts';

/**
 * Brings one token owner to where it should be: gather, decide, act, as often as a decision asks to look again, then say
 * in the status how it stands. What fails becomes a condition where a person can act on it, and an error for the queue.
 */
export interface ReconcileOptions<T extends OwnerTypes> extends Omit<ActOptions<T>, 'random'> {
  timers: ExpiryTimers;
  gatherer: OwnerGatherer<T>;
  actor: OwnerActor<T>;
  /** It waits for the store, and is looked at when the store answers again. */
  onStoreFailure: (key: ObjectKey) => void;
  /** It waits for a token that another one holds. */
  onTokenTaken: (key: ObjectKey, hash: TokenHash) => void;
  /** How it stands; `undefined` when it is gone. */
  onReason?: (key: ObjectKey, reason: CommonReason | T['reason'] | undefined) => void;
}

const MOST_PASSES = 6;
/** Insurance only: when the store answers again, all that wait for it are looked at. */
const STORE_RETRY_MS = 10_000;
/** Insurance too: what it waits for may go without anything that it hears of. */
const CONFLICT_RETRY_MS = 60_000;

export class OwnerReconciler<T extends OwnerTypes> {
  readonly #options: ReconcileOptions<T>;

  constructor(options: ReconcileOptions<T>) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult> {
    const { kind, gatherer, actor, timers, onReason } = this.#options;
    if (!(await this.#forgetVanished(key))) return { requeueAfterMs: STORE_RETRY_MS };
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const owner = this.#seen.fresh.get(key);
      if (owner === undefined) {
        timers.clear(key);
        onReason?.(key, undefined);
        return {};
      }
      const situation = await gatherer.gather(owner);
      const decision = decide(kind, situation);
      try {
        for (const step of decision.steps) await actor.act(step, situation);
      } catch (error) {
        return await this.#failed(key, situation, error);
      }
      if (!decision.again) return await this.#settle(key, situation, decision);
    }
    return { requeueAfterMs: 1_000 };
  }

  get #seen() {
    return this.#options.kind.seenIn(this.#options.view);
  }

  /** One that vanished without its finalizer, or was replaced under its name, leaves records behind; they go first. False when they could not. */
  async #forgetVanished(key: ObjectKey): Promise<boolean> {
    const { kind, store, onStoreFailure } = this.#options;
    try {
      await this.#seen.vanished.forget(key, (uid) => kind.storedBy(store).deleteOf(uid));
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      onStoreFailure(key);
      return false;
    }
  }

  async #settle(key: ObjectKey, situation: Situation<T>, decision: Decision<T>): Promise<ReconcileResult> {
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

  async #failed(key: ObjectKey, situation: Situation<T>, error: unknown): Promise<ReconcileResult> {
    const { kind } = this.#options;
    if (error instanceof StoreUnavailableError) return await this.#storeFailed(key, situation);
    if (error instanceof RouteConflictError) {
      const decision = decide(kind, { ...situation, tokenHolder: situation.tokenHolder ?? 'another one' });
      if (decision.status !== undefined) await this.#say(key, situation, decision.status);
      return { requeueAfterMs: CONFLICT_RETRY_MS };
    }
    if (isApiError(error, 'NotFound') && this.#seen.watched.get(key) === undefined) return {};
    const refused = isApiError(error, 'Forbidden', 'Invalid', 'BadRequest');
    // While a namespace goes away nothing can be created in it, and the owner is about to go with it.
    if (refused && situation.owner.metadata.deletionTimestamp === undefined) {
      await this.#say(key, situation, outcome.say(kind, situation, outcome.provisioning(error.reason)));
    }
    throw error;
  }

  /** What the store's failure leaves possible is done; the rest waits, and the status says so. */
  async #storeFailed(key: ObjectKey, situation: Situation<T>): Promise<ReconcileResult> {
    const { kind, gatherer, actor, onStoreFailure } = this.#options;
    const owner = this.#seen.fresh.get(key) ?? situation.owner;
    const failing = { ...situation, owner, store: await gatherer.storeFailure(owner) };
    const decision = decide(kind, failing);
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

  async #say(key: ObjectKey, situation: Situation<T>, said: Outcome<T>): Promise<void> {
    const { kind, api, events, clock, onReason } = this.#options;
    const { fresh } = this.#seen;
    const owner = fresh.get(key) ?? situation.owner;
    const before = owner.status?.reason;
    const status = ownerStatus(kind, owner, said, clock.now());
    const result = await writeStatus<object, T['owner']>(api, kind.type, owner, status);
    onReason?.(key, said.reason);
    if (!result.written) return;
    fresh.wrote(result.object, owner);
    if (before === said.reason) return;
    events.record({
      regarding: owner,
      type: kind.normalReasons.has(said.reason) ? 'Normal' : 'Warning',
      reason: said.reason,
      action: 'Reconcile',
      note: said.conditions[0]?.message ?? said.reason,
    });
  }
}

function needsStore(step: Step<OwnerTypes>): boolean {
  return step.do === 'deleteRecords' || step.do === 'putRecord';
}
