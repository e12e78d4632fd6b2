import { namespaceType, secretType } from '../../kubernetes/core-types.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { Clock } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import { type CrispApiToken, crispApiTokenType } from '../../resources/crisp-api-token.ts';
import { API_TOKEN_FINALIZER, FIELD_MANAGER } from '../../resources/names.ts';
import { keyFor, keyOf } from '../../resources/object.ts';
import { newToken } from '../../routes/token.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { EventSink } from '../event-sink.ts';
import { addFinalizer, removeFinalizer } from '../finalizers.ts';
import { changedMeanwhile } from '../server/act.ts';
import { expiryText, hasExpired, isBornExpired } from '../server/lifetime.ts';
import { readTokenSecret, type TokenSecretFacts } from '../server/token-secret.ts';
import type { StoreSync } from '../store-sync.ts';
import { readApiTokenSpec } from './read-spec.ts';
import type { ApiTokenSituation, ApiTokenStep } from './situation.ts';
import { apiTokenData, apiTokenLabels, isOwnApiTokenSecret, newApiTokenSecret } from './token-secret.ts';

/**
 * Carries out one step of a decision. Each is safe to repeat. A step that finds the world other than the decision
 * assumed ends as a conflict, and everything is looked at again.
 */
export interface ActOnApiTokenOptions {
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  events: EventSink;
  clock: Clock;
  random: Random;
}

export class ApiTokenActor {
  readonly #options: ActOnApiTokenOptions;

  constructor(options: ActOnApiTokenOptions) {
    this.#options = options;
  }

  async act(step: ApiTokenStep, situation: ApiTokenSituation): Promise<void> {
    const { api, store, view } = this.#options;
    const apiToken = view.apiTokens.get(keyOf(situation.apiToken)) ?? situation.apiToken;
    const uid = apiToken.metadata.uid ?? '';
    switch (step.do) {
      case 'addFinalizer': {
        const written = await addFinalizer(api, crispApiTokenType, apiToken, API_TOKEN_FINALIZER);
        return view.apiTokens.wrote(written, apiToken);
      }
      case 'removeFinalizer': {
        const written = await removeFinalizer(api, crispApiTokenType, apiToken, API_TOKEN_FINALIZER);
        return view.apiTokens.wrote(written, apiToken);
      }
      case 'createTokenSecret':
        return await this.#createTokenSecret(apiToken, apiToken !== situation.apiToken, step);
      case 'updateTokenSecret':
        return await this.#updateTokenSecret(apiToken, step.secret, step.expiresAt);
      case 'deleteTokenSecret':
        return await this.#deleteTokenSecret(apiToken, step.secret);
      case 'deleteRecords':
        return await store.deleteApiTokens(uid, step.keep);
      case 'putRecord':
        return await store.putApiToken(step.hash, step.record);
      case 'warnRecordAbandoned':
        return this.#warnRecordAbandoned(apiToken);
      case 'deleteApiToken':
        return await this.#deleteApiToken(apiToken);
    }
  }

  /** Only for one that surely still lives: the finalizer just added proves it, or else a read does. */
  async #createTokenSecret(
    apiToken: CrispApiToken,
    justWritten: boolean,
    step: { name: string; expiresAt: string },
  ): Promise<void> {
    const { api, view, random } = this.#options;
    const { name, uid, namespace = '' } = apiToken.metadata;
    if (!justWritten) {
      const live = await api.get(crispApiTokenType, { namespace, name });
      if (live?.metadata.uid !== uid || live?.metadata.deletionTimestamp !== undefined) {
        throw changedMeanwhile(`CrispApiToken "${name}"`);
      }
    }
    const secret = newApiTokenSecret({
      namespace,
      name: step.name,
      apiTokenName: name,
      token: newToken(random),
      expiresAt: step.expiresAt,
    });
    try {
      view.tokenSecrets.wrote(await api.create(secretType, secret, { fieldManager: FIELD_MANAGER }));
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      await view.tokenSecrets.reread(keyFor(namespace, step.name));
    }
  }

  async #updateTokenSecret(apiToken: CrispApiToken, known: TokenSecretFacts, expiresAt: string): Promise<void> {
    const { api, view } = this.#options;
    const { name, namespace = '' } = apiToken.metadata;
    const reference = { namespace, name: known.name };
    const secret = await api.get(secretType, reference);
    const facts = secret === undefined ? undefined : readTokenSecret(secret);
    if (facts?.resourceVersion !== known.resourceVersion || !isOwnApiTokenSecret(apiToken, facts)) {
      await view.tokenSecrets.reread(keyFor(namespace, known.name));
      throw changedMeanwhile(`Secret "${known.name}"`);
    }
    const { resourceVersion } = facts;
    const patch = { metadata: { resourceVersion, labels: apiTokenLabels(name) }, data: apiTokenData(expiresAt) };
    view.tokenSecrets.wrote(await api.mergePatch(secretType, reference, patch, { fieldManager: FIELD_MANAGER }), known);
  }

  async #deleteTokenSecret(apiToken: CrispApiToken, secret: TokenSecretFacts): Promise<void> {
    const namespace = apiToken.metadata.namespace ?? '';
    await this.#options.api.delete(secretType, { namespace, name: secret.name }, { uid: secret.uid });
    this.#options.view.tokenSecrets.deleted(namespace, secret);
  }

  /** Reads the object as it now is: whoever extended it a moment ago keeps it. */
  async #deleteApiToken(apiToken: CrispApiToken): Promise<void> {
    const { api, clock, events } = this.#options;
    const { name, uid, namespace = '' } = apiToken.metadata;
    const live = await api.get(crispApiTokenType, { namespace, name });
    if (live === undefined || live.metadata.uid !== uid || live.metadata.deletionTimestamp !== undefined) return;
    const spec = readApiTokenSpec(live);
    const stillDue =
      spec.kind === 'valid' &&
      spec.effective.expirationPolicy === 'Delete' &&
      hasExpired(live, spec.effective, clock.now()) &&
      !isBornExpired(live, spec.effective);
    if (!stillDue) throw changedMeanwhile(`CrispApiToken "${name}"`);
    const { resourceVersion } = live.metadata;
    await api.delete(
      crispApiTokenType,
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
  #warnRecordAbandoned(apiToken: CrispApiToken): void {
    this.#options.events.record({
      regarding: {
        apiVersion: namespaceType.version,
        kind: namespaceType.kind,
        metadata: { name: apiToken.metadata.namespace ?? '' },
      },
      type: 'Warning',
      reason: 'ApiTokenAbandoned',
      action: 'RemoveFinalizer',
      note: `CrispApiToken "${apiToken.metadata.name}" is let go although the route store did not confirm that its token is dead, so that the namespace can end. The token dies as soon as the store answers again.`,
    });
  }
}
