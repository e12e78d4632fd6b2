import { namespaceType, secretType } from '../../kubernetes/core-types.ts';
import { ApiError, isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { Clock } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import { FIELD_MANAGER } from '../../resources/names.ts';
import { keyFor, keyOf } from '../../resources/object.ts';
import { newToken } from '../../routes/token.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { EventSink } from '../event-sink.ts';
import { addFinalizer, removeFinalizer } from '../finalizers.ts';
import type { StoreSync } from '../store-sync.ts';
import { expiryText, hasExpired, isBornExpired } from './lifetime.ts';
import type { OwnerKind } from './owner-kind.ts';
import type { OwnerTypes, Situation, Step } from './situation.ts';
import {
  derivedData,
  isOwnSecret,
  newTokenSecret,
  ownerLabels,
  readTokenSecret,
  type TokenSecretContent,
  type TokenSecretFacts,
  tokenOf,
} from './token-secret.ts';

/**
 * Carries out one step of a decision. Each is safe to repeat. A step that finds the world other than the decision
 * assumed ends as a conflict, and everything is looked at again.
 */
export interface ActOptions<T extends OwnerTypes> {
  kind: OwnerKind<T>;
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  events: EventSink;
  clock: Clock;
  random: Random;
}

export class OwnerActor<T extends OwnerTypes> {
  readonly #options: ActOptions<T>;

  constructor(options: ActOptions<T>) {
    this.#options = options;
  }

  async act(step: Step<T>, situation: Situation<T>): Promise<void> {
    const { kind, api, store, view } = this.#options;
    const { type, finalizer } = kind;
    const { fresh } = kind.seenIn(view);
    const owner = fresh.get(keyOf(situation.owner)) ?? situation.owner;
    switch (step.do) {
      case 'addFinalizer':
        return fresh.wrote(await addFinalizer(api, type, owner, finalizer), owner);
      case 'removeFinalizer':
        return fresh.wrote(await removeFinalizer(api, type, owner, finalizer), owner);
      case 'createTokenSecret':
        return await this.#createTokenSecret(owner, owner !== situation.owner, step);
      case 'updateTokenSecret':
        return await this.#updateTokenSecret(owner, step.secret, step.content);
      case 'deleteTokenSecret':
        return await this.#deleteTokenSecret(owner, step.secret);
      case 'deleteRecords':
        return await kind.storedBy(store).deleteOf(owner.metadata.uid ?? '', step.keep);
      case 'putRecord':
        return await kind.storedBy(store).put(step.hash, step.record);
      case 'warnRecordAbandoned':
        return this.#warnRecordAbandoned(owner);
      case 'deleteOwner':
        return await this.#deleteOwner(owner);
    }
  }

  /**
   * Only for an owner that surely still lives: a stale cache may show one whose deletion is complete, and a Secret
   * created for it would stay for ever. The finalizer just added proves it, or else a read does.
   */
  async #createTokenSecret(
    owner: T['owner'],
    justWritten: boolean,
    step: { name: string; content: TokenSecretContent },
  ): Promise<void> {
    const { kind, api, view, random } = this.#options;
    const { name, uid, namespace = '' } = owner.metadata;
    if (!justWritten) {
      const live = await api.get(kind.type, { namespace, name });
      if (live?.metadata.uid !== uid || live?.metadata.deletionTimestamp !== undefined) {
        throw changedMeanwhile(this.#named(owner));
      }
    }
    const secret = newTokenSecret(kind.secret, {
      namespace,
      name: step.name,
      ownerName: name,
      token: newToken(random),
      content: step.content,
    });
    try {
      view.tokenSecrets.wrote(await api.create(secretType, secret, { fieldManager: FIELD_MANAGER }));
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      await view.tokenSecrets.reread(keyFor(namespace, step.name));
    }
  }

  async #updateTokenSecret(owner: T['owner'], known: TokenSecretFacts, content: TokenSecretContent): Promise<void> {
    const { kind, api, view } = this.#options;
    const { name, namespace = '' } = owner.metadata;
    const reference = { namespace, name: known.name };
    const secret = await api.get(secretType, reference);
    const token = secret === undefined ? undefined : tokenOf(secret);
    if (secret === undefined || token === undefined || secret.metadata.resourceVersion !== known.resourceVersion) {
      await view.tokenSecrets.reread(keyFor(namespace, known.name));
      throw changedMeanwhile(`Secret "${known.name}"`);
    }
    if (!isOwnSecret(kind.secret, owner, readTokenSecret(secret))) throw changedMeanwhile(`Secret "${known.name}"`);
    const { resourceVersion } = secret.metadata;
    const patch = {
      metadata: { resourceVersion, labels: ownerLabels(kind.secret, name) },
      data: derivedData(token, content),
    };
    view.tokenSecrets.wrote(await api.mergePatch(secretType, reference, patch, { fieldManager: FIELD_MANAGER }), known);
  }

  async #deleteTokenSecret(owner: T['owner'], secret: TokenSecretFacts): Promise<void> {
    const namespace = owner.metadata.namespace ?? '';
    await this.#options.api.delete(secretType, { namespace, name: secret.name }, { uid: secret.uid });
    this.#options.view.tokenSecrets.deleted(namespace, secret);
  }

  /** Reads the object as it now is: whoever extended it a moment ago keeps it. */
  async #deleteOwner(owner: T['owner']): Promise<void> {
    const { kind, api, clock, events } = this.#options;
    const { name, uid, namespace = '' } = owner.metadata;
    const live = await api.get(kind.type, { namespace, name });
    if (live === undefined || live.metadata.uid !== uid || live.metadata.deletionTimestamp !== undefined) return;
    const spec = kind.read(live);
    const stillDue =
      spec.kind === 'valid' &&
      spec.effective.expirationPolicy === 'Delete' &&
      hasExpired(live, spec.effective, clock.now()) &&
      !isBornExpired(live, spec.effective);
    if (!stillDue) throw changedMeanwhile(this.#named(owner));
    const { resourceVersion } = live.metadata;
    await api.delete(
      kind.type,
      { namespace, name },
      { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    );
    events.record({
      regarding: live,
      type: 'Normal',
      reason: 'ExpiresAtPassed',
      action: 'Delete',
      note: `Deleted, because its expiresAt (${expiryText(spec.effective)}) has passed; expirationPolicy "Retain" would have kept it.`,
    });
  }

  /** The namespace takes no new events while it goes away, so this one is about the namespace itself. */
  #warnRecordAbandoned(owner: T['owner']): void {
    const { key } = this.#options.kind.words;
    this.#options.events.record({
      regarding: {
        apiVersion: namespaceType.version,
        kind: namespaceType.kind,
        metadata: { name: owner.metadata.namespace ?? '' },
      },
      type: 'Warning',
      reason: this.#options.kind.abandonedReason,
      action: 'RemoveFinalizer',
      note: `${this.#named(owner)} is let go although the route store did not confirm that its ${key} is dead, so that the namespace can end. The ${key} dies as soon as the store answers again.`,
    });
  }

  #named(owner: T['owner']): string {
    return `${this.#options.kind.type.kind} "${owner.metadata.name}"`;
  }
}

function changedMeanwhile(what: string): ApiError {
  return new ApiError({
    reason: 'Conflict',
    status: 409,
    message: `${what} has changed since it was looked at; it is looked at again.`,
  });
}
