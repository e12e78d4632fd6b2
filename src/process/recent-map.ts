/**
 * A map of bounded size that keeps what was used of late. Two generations: what is used moves to the young one; when that
 * has half of the size, the old one is dropped and takes its place. So it holds at least the newest half, costs no more
 * than a map on a hit, and no memory before it holds something, unlike a list of all places.
 */
export class RecentMap<K, V> {
  readonly #half: number;
  readonly #dropped: ((value: V, key: K) => void) | undefined;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(options: {
    max: number;
    /** Hears of each entry that had to go or was deleted; not of one that was replaced, nor when all is cleared. */
    dropped?: (value: V, key: K) => void;
  }) {
    this.#half = Math.max(1, Math.floor(options.max / 2));
    this.#dropped = options.dropped;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#add(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.has(key)) {
      this.#young.set(key, value);
      return;
    }
    this.#old.delete(key);
    this.#add(key, value);
  }

  delete(key: K): void {
    const value = this.#young.get(key) ?? this.#old.get(key);
    if (value === undefined) return;
    this.#young.delete(key);
    this.#old.delete(key);
    this.#dropped?.(value, key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  #add(key: K, value: V): void {
    if (this.#young.size >= this.#half) {
      const gone = this.#old;
      this.#old = this.#young;
      this.#young = new Map();
      if (this.#dropped !== undefined) for (const [other, its] of gone) this.#dropped(its, other);
    }
    this.#young.set(key, value);
  }
}
