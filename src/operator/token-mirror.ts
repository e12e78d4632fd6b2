import { DAMAGED, type TokenClaim } from '../routes/store.ts';
import type { TokenHash } from '../routes/token.ts';

/**
 * What this leader knows to be stored of one kind of token records: learned from an inventory, kept by its own writes. A
 * write whose outcome is unknown leaves its entry in doubt: it counts as present for removals and as absent for
 * comparisons.
 */
interface StoredRecord {
  readonly uid: string;
  /** `undefined` when in doubt. */
  readonly revision: string | undefined;
  /** `undefined` when only the inventory told of it. */
  readonly exp: number | null | undefined;
}

export class TokenMirror {
  #records = new Map<TokenHash, StoredRecord>();
  #hashes = new Map<string, Set<TokenHash>>();

  holderOf(hash: TokenHash): string | undefined {
    return this.#records.get(hash)?.uid;
  }

  has(hash: TokenHash, uid: string, revision: string): boolean {
    const stored = this.#records.get(hash);
    return stored?.uid === uid && stored.revision === revision;
  }

  hashesOf(uid: string): readonly TokenHash[] {
    return [...(this.#hashes.get(uid) ?? [])];
  }

  /** Whether every record of the resource is known to have passed its `exp`. */
  hasOutlived(uid: string, now: number): boolean {
    const hashes = this.hashesOf(uid);
    if (hashes.length === 0) return false;
    return hashes.every((hash) => {
      const exp = this.#records.get(hash)?.exp;
      return typeof exp === 'number' && exp <= now;
    });
  }

  put(hash: TokenHash, record: StoredRecord): void {
    this.removed(hash);
    this.#records.set(hash, record);
    const hashes = this.#hashes.get(record.uid) ?? new Set();
    this.#hashes.set(record.uid, hashes.add(hash));
  }

  learnEnd(hash: TokenHash, exp: number | null): void {
    const stored = this.#records.get(hash);
    if (stored !== undefined) this.#records.set(hash, { ...stored, exp });
  }

  inDoubt(hash: TokenHash, uid: string): void {
    const present = this.#records.get(hash);
    if (present !== undefined && present.uid !== uid) return;
    this.put(hash, { uid, revision: undefined, exp: undefined });
  }

  /** As {@link inDoubt}, of a record that is being removed; when it ends is still known. */
  removalInDoubt(hash: TokenHash): void {
    const stored = this.#records.get(hash);
    if (stored !== undefined) this.#records.set(hash, { ...stored, revision: undefined });
  }

  removed(hash: TokenHash): void {
    const stored = this.#records.get(hash);
    if (stored === undefined) return;
    this.#records.delete(hash);
    const hashes = this.#hashes.get(stored.uid);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.#hashes.delete(stored.uid);
  }

  /**
   * Takes over an inventory, except for the hashes and uids in `touched`. Damaged records are left out: nobody holds
   * them. What is known of `exp` is kept.
   */
  refresh(claims: ReadonlyMap<TokenHash, TokenClaim>, touched: ReadonlySet<string>): void {
    for (const [hash, stored] of this.#records) {
      if (!touched.has(hash) && !touched.has(stored.uid) && !claims.has(hash)) this.removed(hash);
    }
    for (const [hash, { uid, revision }] of claims) {
      if (touched.has(hash) || touched.has(uid)) continue;
      const before = this.#records.get(hash);
      const exp = before?.uid === uid && before.revision === revision ? before.exp : undefined;
      if (revision === DAMAGED) this.removed(hash);
      else this.put(hash, { uid, revision, exp });
    }
  }
}
