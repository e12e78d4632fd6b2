import type { KubernetesObject, ObjectKey } from '../resources/object.ts';

/**
 * A read-only view of one kind, kept current by a reflector. Objects are shared: nobody changes them. Handlers run
 * after the view has changed and only enqueue keys.
 */
export interface ObjectCache<T extends KubernetesObject> {
  get(key: ObjectKey): T | undefined;
  list(): Iterable<T>;
  readonly size: number;
  /** True once the first complete list is in. */
  readonly synced: boolean;
  /** Called for each object added, changed or removed; returns the unsubscribe function. */
  onChange(handler: (change: ObjectChange<T>) => void): () => void;
}

export type ObjectChange<T> =
  /** `initial`: found by the first list, not a fresh change; enqueue it at low priority. */
  | { kind: 'added'; key: ObjectKey; object: T; initial?: true }
  | { kind: 'changed'; key: ObjectKey; object: T; before: T }
  | { kind: 'removed'; key: ObjectKey; before: T };
