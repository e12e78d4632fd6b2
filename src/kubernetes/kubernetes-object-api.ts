import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { FIELD_MANAGER } from '../resources/names.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../resources/object.ts';
import { loadKubeAccess } from './kube-config.ts';
import { KubernetesTransport, type TransportRequest } from './kubernetes-transport.ts';
import {
  ApiError,
  type ApplyOptions,
  type DeletePreconditions,
  isApiError,
  type JsonPatchOperation,
  type ListOptions,
  type ObjectApi,
  type ObjectList,
  type ObjectReference,
  type PatchOptions,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from './object-api.ts';
import { isOfType, isRecord } from './object-guard.ts';
import { collectionPath, objectPath, requireScope, withQuery } from './resource-path.ts';
import { TokenBucket } from './token-bucket.ts';
import { decodeWatch } from './watch-decoder.ts';

/**
 * The resource API over HTTP: paths and media types of the Kubernetes API for any {@link ResourceType}. Objects pass
 * through as JSON, so fields this program does not know survive. A watch is ended by the server after its
 * `timeoutSeconds`; here a little later, should the server not.
 */
export interface KubernetesApiOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Path; by default as kubectl finds it, then the Pod's service account. */
  readonly kubeconfig?: string | undefined;
  readonly requestTimeoutMs?: number;
  /** Bound on the requests this process sends. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}

export interface KubernetesObjectApi extends ObjectApi {
  /** Closes the connections; calls under way fail. */
  close(): Promise<void>;
  /** The namespace of the kubeconfig's context or of the Pod. */
  readonly namespace: string | undefined;
}

/** How long a watch may outlive the time it asked for. */
const WATCH_GRACE_MS = 30_000;

/** Throws KubeConfigError when no cluster is configured. */
export function createKubernetesObjectApi(options: KubernetesApiOptions): KubernetesObjectApi {
  const { clock } = options;
  const access = loadKubeAccess({ kubeconfig: options.kubeconfig });
  const transport = new KubernetesTransport({
    access,
    clock,
    bucket: new TokenBucket({ clock, ...(options.rate ?? { perSecond: 50, burst: 100 }) }),
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
  });
  options.logger.debug('Kubernetes API server chosen', { server: access.cluster.server, user: access.user.name });

  async function one<T extends KubernetesObject>(type: ResourceType<T>, request: TransportRequest): Promise<T> {
    return expectObject(type, await transport.call(request));
  }

  return {
    namespace: access.namespace,

    async list(type, options = {}) {
      const path = withQuery(collectionPath(type, options.namespace), {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: options.limit,
        continue: options.continue,
      });
      const accept = acceptFor(options, 'PartialObjectMetadataList');
      return readList(type, await transport.call({ method: 'GET', path, accept, signal: options.signal }));
    },

    watch(type, options) {
      return watch(transport, type, options);
    },

    async get(type, reference) {
      try {
        return await one(type, { method: 'GET', path: objectPath(type, reference) });
      } catch (error) {
        if (isApiError(error, 'NotFound')) return undefined;
        throw error;
      }
    },

    async create(type, object, options = {}) {
      const { namespace } = object.metadata;
      requireScope(type, namespace);
      const path = withQuery(collectionPath(type, namespace), managerOf(options));
      return one(type, { method: 'POST', path, body: object, assertAllowed: options.assertAllowed });
    },

    async replace(type, object, options = {}) {
      const path = withQuery(objectPath(type, object.metadata), managerOf(options));
      return one(type, { method: 'PUT', path, body: object, assertAllowed: options.assertAllowed });
    },

    async apply(type, object, options: ApplyOptions) {
      const path = withQuery(objectPath(type, object.metadata, options.subresource), {
        ...managerOf(options),
        force: options.force === true ? true : undefined,
      });
      return one(type, { method: 'PATCH', path, contentType: 'application/apply-patch+yaml', body: object });
    },

    async mergePatch(type, reference: ObjectReference, patch, options: PatchOptions = {}) {
      const path = withQuery(objectPath(type, reference, options.subresource), managerOf(options));
      return one(type, { method: 'PATCH', path, contentType: 'application/merge-patch+json', body: patch });
    },

    async jsonPatch(
      type,
      reference: ObjectReference,
      operations: readonly JsonPatchOperation[],
      options: PatchOptions = {},
    ) {
      const path = withQuery(objectPath(type, reference, options.subresource), managerOf(options));
      return one(type, { method: 'PATCH', path, contentType: 'application/json-patch+json', body: operations });
    },

    async delete(type, reference: ObjectReference, preconditions: DeletePreconditions = {}) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      try {
        await transport.call({ method: 'DELETE', path: objectPath(type, reference), body });
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    },

    close: () => transport.close(),
  };
}

function watch<T extends KubernetesObject>(
  transport: KubernetesTransport,
  type: ResourceType<T>,
  options: WatchOptions,
): AsyncIterable<WatchEvent<T>> {
  const path = withQuery(collectionPath(type, options.namespace), {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
  const accept = acceptFor(options, 'PartialObjectMetadata');
  const request = { method: 'GET', path, accept, signal: options.signal } as const;
  return untilAborted(
    decodeWatch(type, transport.stream(request, options.timeoutSeconds * 1000 + WATCH_GRACE_MS)),
    options.signal,
  );
}

/** A stream that the caller aborts may be cut within an event; that is no error. */
async function* untilAborted<T>(events: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T, void> {
  try {
    for await (const event of events) {
      if (signal?.aborted === true) return;
      yield event;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

function acceptFor(options: ListOptions | WatchOptions, kind: string): string {
  return options.metadataOnly === true ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : 'application/json';
}

function managerOf(options: WriteOptions): { fieldManager: string } {
  return { fieldManager: options.fieldManager ?? FIELD_MANAGER };
}

function readList<T extends KubernetesObject>(type: ResourceType<T>, body: unknown): ObjectList<T> {
  const metadata = isRecord(body) ? body.metadata : undefined;
  if (!isRecord(body) || !isRecord(metadata) || typeof metadata.resourceVersion !== 'string') {
    throw unexpected(type, 'list');
  }
  const items: unknown[] = Array.isArray(body.items) ? body.items : [];
  return {
    items: items.map((item) => expectObject(type, item)),
    resourceVersion: metadata.resourceVersion,
    ...(typeof metadata.continue === 'string' && metadata.continue !== '' ? { continue: metadata.continue } : {}),
  };
}

/** Lists leave out kind and apiVersion of their items, metadata-only answers carry another kind. */
function expectObject<T extends KubernetesObject>(type: ResourceType<T>, body: unknown): T {
  const named: unknown = isRecord(body) ? { ...body, apiVersion: apiVersionOf(type), kind: type.kind } : body;
  if (!isOfType(type, named)) throw unexpected(type, 'object');
  return named;
}

function unexpected(type: ResourceType, what: string): ApiError {
  const message = `The API server's answer is no ${what} of kind ${type.kind}.`;
  return new ApiError({ reason: 'InternalError', status: 200, message });
}
