import type { ObjectCache } from '../kubernetes/object-cache.ts';
import type { KubernetesObject, ObjectKey } from '../resources/object.ts';

/**
 * Remembers the uids of objects that are gone, by their key, until whoever stored something of them has removed it. An
 * object may go without its finalizer having done its work: taken off by hand, or given up when a namespace ended.
 */
export class VanishedObjects {
  readonly #uids = new Map<ObjectKey, Set<string>>();
  readonly #cache: ObjectCache<KubernetesObject>;
  close: () => void = () => undefined;

  constructor(cache: ObjectCache<KubernetesObject>) {
    this.#cache = cache;
  }

  /** Begins to remember: with a leadership, whose first rebuild removes what belongs to earlier ones. */
  begin(): void {
    this.close = this.#cache.onChange((change) => {
      if (change.kind !== 'removed' || change.before.metadata.uid === undefined) return;
      const uids = this.#uids.get(change.key) ?? new Set();
      this.#uids.set(change.key, uids.add(change.before.metadata.uid));
    });
  }

  /** Removes what is stored of each uid that had this key; those that fail stay for the next time. */
  async forget(key: ObjectKey, remove: (uid: string) => Promise<void>): Promise<void> {
    for (const uid of this.#uids.get(key) ?? []) {
      await remove(uid);
      this.#uids.get(key)?.delete(uid);
    }
    if (this.#uids.get(key)?.size === 0) this.#uids.delete(key);
  }
}
