import type { Logger } from '../process/logger.ts';
import { type KubernetesObject, keyOf, type ObjectKey, splitKey } from '../resources/object.ts';
import type { ObjectCache, ObjectChange } from './object-cache.ts';

/**
 * The objects of one kind in memory, with the indexes over them. Each change is complete before anybody hears of it:
 * handlers and index look-ups see the new state only. {@link ReflectedObjects.replace} swaps all objects of a scope at once
 * and derives what changed, deletions included. A handler that throws is logged and keeps nobody else from hearing.
 */
export interface ObjectIndex<T> {
  /** The objects filed under `value`, in no particular order. */
  lookup(value: string): readonly T[];
}

interface Index<T> {
  readonly valuesOf: (object: T) => Iterable<string>;
  readonly keys: Map<string, Set<ObjectKey>>;
}

export class ReflectedObjects<T extends KubernetesObject> implements Omit<ObjectCache<T>, 'synced'> {
  readonly #logger: Logger;
  readonly #objects = new Map<ObjectKey, T>();
  readonly #indexes = new Map<string, Index<T>>();
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

  index(name: string, valuesOf: (object: T) => Iterable<string>): ObjectIndex<T> {
    if (this.#indexes.has(name)) throw new Error(`There is already an index "${name}"`);
    const index: Index<T> = { valuesOf, keys: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.#objects.values()) this.#file(index, object);
    return {
      lookup: (value) =>
        [...(index.keys.get(value) ?? [])].flatMap((key) => {
          const object = this.#objects.get(key);
          return object === undefined ? [] : [object];
        }),
    };
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
    if (before !== undefined) for (const index of this.#indexes.values()) this.#unfile(index, before);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) this.#file(index, object);
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
    for (const index of this.#indexes.values()) this.#unfile(index, before);
    return [{ kind: 'removed', key, before }];
  }

  #valuesOf(index: Index<T>, object: T): readonly string[] {
    try {
      return [...index.valuesOf(object)];
    } catch (error) {
      this.#logger.error('An object could not be indexed', { key: keyOf(object), error });
      return [];
    }
  }

  #file(index: Index<T>, object: T): void {
    for (const value of this.#valuesOf(index, object)) {
      const keys = index.keys.get(value) ?? new Set();
      index.keys.set(value, keys.add(keyOf(object)));
    }
  }

  #unfile(index: Index<T>, object: T): void {
    for (const value of this.#valuesOf(index, object)) {
      const keys = index.keys.get(value);
      keys?.delete(keyOf(object));
      if (keys?.size === 0) index.keys.delete(value);
    }
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
