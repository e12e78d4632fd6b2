import type { ObjectCache } from '../kubernetes/object-cache.ts';
import { type KubernetesObject, keyOf, type ObjectKey } from '../resources/object.ts';

/**
 * A cache seen through one's own writes: until the watch brings back what was just written, the answer of the write
 * stands in for the cached object, so that nobody decides, or writes, from a version that he himself has outdated.
 * Resource versions are opaque: the answer holds while the cache still shows a version it is known to follow; any other
 * version is somebody else's write, and the cache is believed again.
 */
interface OwnWrite<T> {
  readonly object: T;
  readonly follows: ReadonlySet<string>;
}

export class FreshObjects<T extends KubernetesObject> {
  readonly #cache: ObjectCache<T>;
  readonly #own = new Map<ObjectKey, OwnWrite<T>>();

  constructor(cache: ObjectCache<T>) {
    this.#cache = cache;
  }

  get(key: ObjectKey): T | undefined {
    const cached = this.#cache.get(key);
    const own = this.#own.get(key);
    if (own === undefined) return cached;
    const isOlder = cached?.metadata.uid === own.object.metadata.uid && own.follows.has(versionOf(cached));
    if (isOlder) return own.object;
    this.#own.delete(key);
    return cached;
  }

  *list(): Iterable<T> {
    for (const cached of this.#cache.list()) yield this.get(keyOf(cached)) ?? cached;
  }

  /**
   * Remembers the answer of a write that was made against the version `basis`. What the cache shows when the answer
   * comes tells nothing: the watch may have been faster, with this version or one that somebody wrote after it.
   */
  wrote(object: T, basis: T): void {
    const key = keyOf(object);
    const before = this.#own.get(key);
    const continues = before !== undefined && versionOf(before.object) === versionOf(basis);
    const follows = new Set([...(continues ? before.follows : []), versionOf(basis)]);
    follows.delete(versionOf(object));
    this.#own.set(key, { object, follows });
  }
}

function versionOf(object: KubernetesObject | undefined): string {
  return object?.metadata.resourceVersion ?? '';
}
