import type { Logger } from '../process/logger.ts';
import { type KubernetesObject, keyOf, type ObjectKey, splitKey } from '../resources/object.ts';
import type { ObjectCache, ObjectChange } from './object-cache.ts';

/**
 * The objects of one kind in memory. A change is complete before anybody hears of it: {@link ReflectedObjects.replace}
 * swaps all objects of a scope at once and then tells what changed, deletions included. A handler that throws is logged
 * and keeps nobody else from hearing.
 */
export class ReflectedObjects<T extends KubernetesObject> implements Omit<ObjectCache<T>, 'synced'> {
  readonly #logger: Logger;
  readonly #objects = new Map<ObjectKey, T>();
  readonly #handlers = new Set<(change: ObjectChange<T>) => void>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key);
  }

  list(): Iterable<T> {
    return this.#objects.values();
  }

  onChange(handler: (change: ObjectChange<T>) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** The object as the API now has it. */
  put(object: T): void {
    const change = this.#put(object);
    this.#tell(change);
  }

  remove(key: ObjectKey): void {
    this.#tell(this.#remove(key));
  }

  /** The complete content of a namespace, or of everything; objects that are not in it are gone. */
  replace(namespace: string | undefined, objects: readonly T[], options: { initial: boolean }): void {
    const present = new Set(objects.map(keyOf));
    const gone = [...this.#objects.keys()].filter(
      (key) => !present.has(key) && (namespace === undefined || splitKey(key).namespace === namespace),
    );
    const changes = [
      ...gone.flatMap((key) => this.#remove(key)),
      ...objects
        .flatMap((object) => this.#put(object))
        .map((change) => (options.initial && change.kind === 'added' ? { ...change, initial: true as const } : change)),
    ];
    this.#tell(changes);
  }

  #put(object: T): ObjectChange<T>[] {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before?.metadata.uid === object.metadata.uid && isSameVersion(before, object)) return [];
    this.#objects.set(key, object);
    if (before === undefined) return [{ kind: 'added', key, object }];
    // Deleted and created again under the same name: whoever cleans up by uid must hear of both.
    if (before.metadata.uid !== object.metadata.uid) {
      return [
        { kind: 'removed', key, before },
        { kind: 'added', key, object },
      ];
    }
    return [{ kind: 'changed', key, object, before }];
  }

  #remove(key: ObjectKey): ObjectChange<T>[] {
    const before = this.#objects.get(key);
    if (before === undefined) return [];
    this.#objects.delete(key);
    return [{ kind: 'removed', key, before }];
  }

  #tell(changes: readonly ObjectChange<T>[]): void {
    for (const change of changes) {
      for (const handler of this.#handlers) {
        try {
          handler(change);
        } catch (error) {
          this.#logger.error('A handler of object changes failed', { key: change.key, change: change.kind, error });
        }
      }
    }
  }
}

/** Resource versions are opaque: equal or not is all that can be said. */
function isSameVersion(before: KubernetesObject | undefined, object: KubernetesObject): boolean {
  const version = object.metadata.resourceVersion;
  return version !== undefined && before?.metadata.resourceVersion === version;
}
