import { namespaceType, secretType } from '../../kubernetes/core-types.ts';
import { ApiError, isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { Clock } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { FIELD_MANAGER, MANAGED_BY, MANAGED_BY_LABEL, SERVER_FINALIZER, SERVER_LABEL } from '../../resources/names.ts';
import { keyFor, keyOf } from '../../resources/object.ts';
import { newToken } from '../../routes/token.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { EventSink } from '../event-sink.ts';
import { addFinalizer, removeFinalizer } from '../finalizers.ts';
import type { StoreSync } from '../store-sync.ts';
import { expiryText, hasExpired, isBornExpired } from './lifetime.ts';
import { readSpec } from './read-spec.ts';
import type { ServerSituation, ServerStep } from './situation.ts';
import {
  derivedData,
  isOwnSecret,
  newTokenSecret,
  ownerLabelValue,
  readTokenSecret,
  type TokenSecretContent,
  type TokenSecretFacts,
  tokenOf,
} from './token-secret.ts';

/**
 * Carries out one step of a decision. Each is safe to repeat. A step that finds the world other than the decision
 * assumed ends as a conflict, and everything is looked at again.
 */
export interface ActOptions {
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  events: EventSink;
  clock: Clock;
  random: Random;
}

export class ServerActor {
  readonly #options: ActOptions;

  constructor(options: ActOptions) {
    this.#options = options;
  }

  async act(step: ServerStep, situation: ServerSituation): Promise<void> {
    const { store, view } = this.#options;
    const server = view.servers.get(keyOf(situation.server)) ?? situation.server;
    const uid = server.metadata.uid ?? '';
    switch (step.do) {
      case 'addFinalizer':
        return this.#wrote(await addFinalizer(this.#options.api, crispMcpServerType, server, SERVER_FINALIZER), server);
      case 'removeFinalizer':
        return this.#wrote(
          await removeFinalizer(this.#options.api, crispMcpServerType, server, SERVER_FINALIZER),
          server,
        );
      case 'createTokenSecret':
        return await this.#createTokenSecret(server, situation, step);
      case 'updateTokenSecret':
        return await this.#updateTokenSecret(server, step.secret, step.content);
      case 'deleteTokenSecret':
        return await this.#deleteTokenSecret(server, step.secret);
      case 'deleteRoutes':
        return await store.deleteRoutes(uid, step.keep);
      case 'putRoute':
        return await store.putRoute(step.hash, step.record);
      case 'warnRouteAbandoned':
        return this.#warnRouteAbandoned(server);
      case 'deleteServer':
        return await this.#deleteServer(server);
    }
  }

  #wrote(server: CrispMcpServer, basis: CrispMcpServer): void {
    this.#options.view.servers.wrote(server, basis);
  }

  /**
   * Only for a server that surely still lives: a stale cache may show one whose deletion is complete, and a Secret
   * created for it would stay for ever. The finalizer just added proves it, or else a read does.
   */
  async #createTokenSecret(
    server: CrispMcpServer,
    situation: ServerSituation,
    step: { name: string; content: TokenSecretContent },
  ): Promise<void> {
    const { api, view, random } = this.#options;
    const namespace = server.metadata.namespace ?? '';
    const justWritten = server !== situation.server;
    if (!justWritten) {
      const live = await api.get(crispMcpServerType, { namespace, name: server.metadata.name });
      if (live?.metadata.uid !== server.metadata.uid || live?.metadata.deletionTimestamp !== undefined) {
        throw changedMeanwhile(`CrispMcpServer "${server.metadata.name}"`);
      }
    }
    const secret = newTokenSecret({
      namespace,
      name: step.name,
      serverName: server.metadata.name,
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

  async #updateTokenSecret(
    server: CrispMcpServer,
    known: TokenSecretFacts,
    content: TokenSecretContent,
  ): Promise<void> {
    const { api, view } = this.#options;
    const namespace = server.metadata.namespace ?? '';
    const reference = { namespace, name: known.name };
    const secret = await api.get(secretType, reference);
    const token = secret === undefined ? undefined : tokenOf(secret);
    if (secret === undefined || token === undefined || secret.metadata.resourceVersion !== known.resourceVersion) {
      await view.tokenSecrets.reread(keyFor(namespace, known.name));
      throw changedMeanwhile(`Secret "${known.name}"`);
    }
    if (!isOwnSecret(server, readTokenSecret(secret))) throw changedMeanwhile(`Secret "${known.name}"`);
    const { resourceVersion } = secret.metadata;
    const labels = { [SERVER_LABEL]: ownerLabelValue(server.metadata.name), [MANAGED_BY_LABEL]: MANAGED_BY };
    const patch = { metadata: { resourceVersion, labels }, data: derivedData(token, content) };
    view.tokenSecrets.wrote(await api.mergePatch(secretType, reference, patch, { fieldManager: FIELD_MANAGER }), known);
  }

  async #deleteTokenSecret(server: CrispMcpServer, secret: TokenSecretFacts): Promise<void> {
    const namespace = server.metadata.namespace ?? '';
    await this.#options.api.delete(secretType, { namespace, name: secret.name }, { uid: secret.uid });
    this.#options.view.tokenSecrets.deleted(namespace, secret);
  }

  /** Reads the object as it now is: whoever extended it a moment ago keeps it. */
  async #deleteServer(server: CrispMcpServer): Promise<void> {
    const { api, clock, events } = this.#options;
    const { name, uid, namespace = '' } = server.metadata;
    const live = await api.get(crispMcpServerType, { namespace, name });
    if (live === undefined || live.metadata.uid !== uid || live.metadata.deletionTimestamp !== undefined) return;
    const spec = readSpec(live);
    const stillDue =
      spec.kind === 'valid' &&
      spec.effective.expirationPolicy === 'Delete' &&
      hasExpired(live, spec.effective, clock.now()) &&
      !isBornExpired(live, spec.effective);
    if (!stillDue) throw changedMeanwhile(`CrispMcpServer "${name}"`);
    const { resourceVersion } = live.metadata;
    await api.delete(
      crispMcpServerType,
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
  #warnRouteAbandoned(server: CrispMcpServer): void {
    this.#options.events.record({
      regarding: {
        apiVersion: namespaceType.version,
        kind: namespaceType.kind,
        metadata: { name: server.metadata.namespace ?? '' },
      },
      type: 'Warning',
      reason: 'RouteAbandoned',
      action: 'RemoveFinalizer',
      note: `CrispMcpServer "${server.metadata.name}" is let go although the route store did not confirm that its URL is dead, so that the namespace can end. The URL dies as soon as the store answers again.`,
    });
  }
}

export function changedMeanwhile(what: string): ApiError {
  return new ApiError({
    reason: 'Conflict',
    status: 409,
    message: `${what} has changed since it was looked at; it is looked at again.`,
  });
}
