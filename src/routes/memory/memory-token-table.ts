import type { Clock } from '../../process/clock.ts';
import type { TokenRecord } from '../store.ts';
import type { TokenHash } from '../token.ts';

/** What a memory store holds of one kind of token records. Expiry is exact by its clock, and every change is told. */
export class MemoryTokenTable<R extends TokenRecord> {
  readonly #clock: Clock;
  readonly #onChanged: (hash: TokenHash) => void;
  #records = new Map<TokenHash, R>();

  constructor(clock: Clock, onChanged: (hash: TokenHash) => void) {
    this.#clock = clock;
    this.#onChanged = onChanged;
  }

  get(hash: TokenHash): R | undefined {
    const record = this.#records.get(hash);
    if (record === undefined || !this.hasExpired(record)) return record;
    // As Redis does: who remembers the record, and whose clock is late, must hear of it.
    this.set(hash, undefined);
    return undefined;
  }

  hasExpired(record: R): boolean {
    return record.exp !== null && record.exp <= this.#clock.now();
  }

  list(): [TokenHash, R][] {
    return [...this.#records].filter(([hash]) => this.get(hash) !== undefined);
  }

  set(hash: TokenHash, record: R | undefined): void {
    if (record === undefined) this.#records.delete(hash);
    else this.#records.set(hash, structuredClone(record));
    this.#onChanged(hash);
  }

  dump(): ReadonlyMap<TokenHash, R> {
    return new Map(this.#records);
  }

  /** Replaces everything and tells nobody: whoever lets a store lose its memory says that all may have changed. */
  load(records: ReadonlyMap<TokenHash, R>): void {
    this.#records = new Map(records);
  }
}
