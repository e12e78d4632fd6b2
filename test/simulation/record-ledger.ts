import type { TokenRecord } from '../../src/routes/store.ts';
import { hashToken, type TokenHash } from '../../src/routes/token.ts';

/** What truly happened to the records of one kind of token: see {@link Ledger}. */
export class RecordLedger<R extends TokenRecord> {
  /** Every token that ever stood in a Secret of this kind. */
  readonly tokens = new Map<TokenHash, string>();
  /** What leaders have put and not removed since. */
  readonly records = new Map<TokenHash, R>();
  /** Records that were removed, whether or not they were put again. */
  readonly revoked = new Set<TokenHash>();
  readonly #changed: () => void;
  readonly #readers: ((hash: TokenHash) => void)[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Tells of each token when it first stands in a Secret. */
  onNewToken(listener: (hash: TokenHash) => void): void {
    this.#readers.push(listener);
  }

  tokenStands(token: string): void {
    const hash = hashToken(token);
    if (this.tokens.has(hash)) return;
    this.tokens.set(hash, token);
    for (const reader of this.#readers) reader(hash);
  }

  put(hash: TokenHash, record: R): void {
    this.records.set(hash, record);
    this.#changed();
  }

  revoke(hash: TokenHash): void {
    if (!this.records.delete(hash)) return;
    this.#changed();
    this.revoked.add(hash);
  }

  revokeOf(uid: string, keep?: TokenHash): void {
    for (const [hash, record] of [...this.records]) if (record.uid === uid && hash !== keep) this.revoke(hash);
  }

  of(uid: string): R[] {
    return [...this.records.values()].filter((record) => record.uid === uid);
  }

  /** The store was declared verified with this content: it is what counts from now on. */
  settle(stored: ReadonlyMap<TokenHash, R>): void {
    for (const hash of [...this.records.keys()]) if (!stored.has(hash)) this.revoke(hash);
    for (const [hash, record] of stored) this.put(hash, record);
  }
}
