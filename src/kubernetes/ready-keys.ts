/**
 * Keys that wait to be run, first come first served within their priority, each once. A key that is added again keeps
 * its place; at a higher priority it moves up.
 */
export type Priority = 'normal' | 'low';

export interface ReadyKey {
  readonly key: string;
  readonly priority: Priority;
  /** Monotonic, when it was first added. */
  readonly since: number;
}

export class ReadyKeys {
  readonly #normal = new Map<string, ReadyKey>();
  readonly #low = new Map<string, ReadyKey>();

  get size(): number {
    return this.#normal.size + this.#low.size;
  }

  add(entry: ReadyKey): void {
    const present = this.#normal.get(entry.key) ?? this.#low.get(entry.key);
    if (present !== undefined && (present.priority === 'normal' || entry.priority === 'low')) return;
    this.#low.delete(entry.key);
    const waiting = present === undefined ? entry : { ...entry, since: present.since };
    (entry.priority === 'normal' ? this.#normal : this.#low).set(entry.key, waiting);
  }

  /** The next to run, no longer waiting. */
  take(): ReadyKey | undefined {
    const next = first(this.#normal) ?? first(this.#low);
    if (next !== undefined) this.remove(next.key);
    return next;
  }

  remove(key: string): ReadyKey | undefined {
    const present = this.#normal.get(key) ?? this.#low.get(key);
    this.#normal.delete(key);
    this.#low.delete(key);
    return present;
  }

  clear(): void {
    this.#normal.clear();
    this.#low.clear();
  }
}

function first(keys: ReadonlyMap<string, ReadyKey>): ReadyKey | undefined {
  return keys.values().next().value;
}
