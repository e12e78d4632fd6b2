/**
 * A binary heap of keys ordered by a number, smallest first, in which a key can be found, moved and removed in O(log n).
 * Keys of equal rank come out in the order in which they were set, so that everything built on it is repeatable.
 */
export interface HeapEntry {
  readonly key: string;
  readonly rank: number;
}

interface Slot extends HeapEntry {
  readonly order: number;
}

export class IndexedHeap {
  readonly #slots: Slot[] = [];
  readonly #positions = new Map<string, number>();
  #order = 0;

  get size(): number {
    return this.#slots.length;
  }

  peek(): HeapEntry | undefined {
    return this.#slots[0];
  }

  get(key: string): number | undefined {
    const position = this.#positions.get(key);
    return position === undefined ? undefined : this.#slots[position]?.rank;
  }

  /** Adds the key or moves it to its new rank. `rank` must be a number, not NaN. */
  set(key: string, rank: number): void {
    if (Number.isNaN(rank)) throw new RangeError(`The rank of "${key}" is not a number`);
    const slot = { key, rank, order: this.#order++ };
    const position = this.#positions.get(key) ?? this.#slots.length;
    this.#place(slot, position);
    this.#settle(position);
  }

  delete(key: string): boolean {
    const position = this.#positions.get(key);
    if (position === undefined) return false;
    this.#positions.delete(key);
    const last = this.#slots.pop();
    if (last !== undefined && position < this.#slots.length) {
      this.#place(last, position);
      this.#settle(position);
    }
    return true;
  }

  pop(): HeapEntry | undefined {
    const first = this.#slots[0];
    if (first !== undefined) this.delete(first.key);
    return first;
  }

  clear(): void {
    this.#slots.length = 0;
    this.#positions.clear();
  }

  #place(slot: Slot, position: number): void {
    this.#slots[position] = slot;
    this.#positions.set(slot.key, position);
  }

  /** Moves the slot at `position` up or down until the heap is in order again. */
  #settle(position: number): void {
    let at = position;
    for (let parent = (at - 1) >> 1; at > 0 && this.#swapIfBefore(at, parent); parent = (at - 1) >> 1) at = parent;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#slots[a];
    const second = this.#slots[b];
    if (first === undefined || second === undefined) return false;
    return first.rank < second.rank || (first.rank === second.rank && first.order < second.order);
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const first = this.#slots[lower];
    const second = this.#slots[upper];
    if (first === undefined || second === undefined || !this.#isBefore(lower, upper)) return false;
    this.#place(first, upper);
    this.#place(second, lower);
    return true;
  }
}
