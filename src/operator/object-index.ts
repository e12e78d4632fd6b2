import type { ObjectCache } from '../kubernetes/object-cache.ts';
import { type KubernetesObject, keyOf, type ObjectKey } from '../resources/object.ts';

/**
 * Finds the objects of a cache by something they name: servers by account, accounts by Secret. Kept current by the
 * cache's changes; an object that names several things is found under each.
 */
export class ObjectIndex<T extends KubernetesObject> {
  readonly #namesOf: (object: T) => readonly string[];
  readonly #keys = new Map<string, Set<ObjectKey>>();
  readonly close: () => void;

  constructor(cache: ObjectCache<T>, namesOf: (object: T) => readonly string[]) {
    this.#namesOf = namesOf;
    for (const object of cache.list()) this.#add(object);
    this.close = cache.onChange((change) => {
      if (change.kind !== 'added') this.#remove(change.before);
      if (change.kind !== 'removed') this.#add(change.object);
    });
  }

  find(name: string): readonly ObjectKey[] {
    return [...(this.#keys.get(name) ?? [])];
  }

  #add(object: T): void {
    for (const name of this.#namesOf(object)) {
      const keys = this.#keys.get(name) ?? new Set();
      this.#keys.set(name, keys.add(keyOf(object)));
    }
  }

  #remove(object: T): void {
    for (const name of this.#namesOf(object)) {
      const keys = this.#keys.get(name);
      keys?.delete(keyOf(object));
      if (keys?.size === 0) this.#keys.delete(name);
    }
  }
}
