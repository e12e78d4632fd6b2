import type { KubernetesObject, ResourceType } from '../resources/object.ts';

/**
 * The resource API as the project uses it, with two implementations held to one conformance suite: the real
 * kube-apiserver and the embedded one. Every call is bounded in time and fails with an {@link ApiError}.
 */
export interface ObjectApi {
  list<T extends KubernetesObject>(type: ResourceType<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /** Events after `resourceVersion`, bookmarks included; ends when the server ends it or `signal` aborts. Throws ApiError `Expired` (410). */
  watch<T extends KubernetesObject>(type: ResourceType<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** `undefined` when there is none. */
  get<T extends KubernetesObject>(type: ResourceType<T>, reference: ObjectReference): Promise<T | undefined>;
  create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Replaces; fails with `Conflict` when `metadata.resourceVersion` is not the present one. */
  replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Server-side apply of the fields this manager owns; `force` takes over fields of others. */
  apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions): Promise<T>;
  /** JSON merge patch (RFC 7386). With `metadata.resourceVersion` in the patch it fails with `Conflict` on a newer object. */
  mergePatch<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    patch: object,
    options?: PatchOptions,
  ): Promise<T>;
  /** JSON patch (RFC 6902); a failed `test` is `Invalid` (422). */
  jsonPatch<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    operations: readonly JsonPatchOperation[],
    options?: PatchOptions,
  ): Promise<T>;
  /** Resolves also when there is nothing to delete. Preconditions that fail are `Conflict`. */
  delete(type: ResourceType, reference: ObjectReference, preconditions?: DeletePreconditions): Promise<void>;
}

export interface ObjectReference {
  readonly namespace?: string;
  readonly name: string;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  /** Only `metadata` is fetched (PartialObjectMetadata). */
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

export interface ObjectList<T> {
  items: T[];
  resourceVersion: string;
  continue?: string;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion: string;
  timeoutSeconds: number;
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; resourceVersion: string };

export interface WriteOptions {
  fieldManager?: string;
  /** Asked right before the request leaves, after any wait for its turn; throws when it must not leave any more. */
  assertAllowed?: () => void;
}

export interface ApplyOptions {
  fieldManager: string;
  force?: boolean;
  subresource?: 'status';
}

export interface PatchOptions {
  fieldManager?: string;
  subresource?: 'status';
}

export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string };

export interface DeletePreconditions {
  uid?: string;
  resourceVersion?: string;
}

export type ApiErrorReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  /** No answer at all: refused, reset, timed out. */
  | 'Unreachable';

/** A failed call. `message` is the server's own, without headers or bodies of requests. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly reason: ApiErrorReason;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(options: {
    reason: ApiErrorReason;
    status: number;
    message: string;
    retryAfterSeconds?: number | undefined;
    cause?: unknown;
  }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason;
    this.status = options.status;
    this.code = `KUBERNETES_${options.reason.toUpperCase()}`;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function isApiError(error: unknown, ...reasons: ApiErrorReason[]): error is ApiError {
  return error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.reason));
}
