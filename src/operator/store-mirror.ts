import { DAMAGED, type StoreInventory } from '../routes/store.ts';
import type { TokenHash } from '../routes/token.ts';

/**
 * What this leader knows to be stored: learned from an inventory, kept by its own writes. It answers whether a write
 * would change anything, so that unchanged things are never written again. A write whose outcome is unknown leaves its
 * entry in doubt: it counts as present for removals and as absent for comparisons.
 */
interface StoredRoute {
  readonly uid: string;
  /** `undefined` when in doubt. */
  readonly revision: string | undefined;
  /** `undefined` when only the inventory told of it. */
  readonly exp: number | null | undefined;
}

export class StoreMirror {
  #routes = new Map<TokenHash, StoredRoute>();
  #hashes = new Map<string, Set<TokenHash>>();
  #accounts = new Map<string, string | undefined>();

  get routeCount(): number {
    return this.#routes.size;
  }

  holderOf(hash: TokenHash): string | undefined {
    return this.#routes.get(hash)?.uid;
  }

  hasRoute(hash: TokenHash, uid: string, revision: string): boolean {
    const stored = this.#routes.get(hash);
    return stored?.uid === uid && stored.revision === revision;
  }

  hashesOf(uid: string): readonly TokenHash[] {
    return [...(this.#hashes.get(uid) ?? [])];
  }

  /** Whether every route of the server is known to have passed its `exp`. */
  hasOutlived(uid: string, now: number): boolean {
    const hashes = this.hashesOf(uid);
    if (hashes.length === 0) return false;
    return hashes.every((hash) => {
      const exp = this.#routes.get(hash)?.exp;
      return typeof exp === 'number' && exp <= now;
    });
  }

  routePut(hash: TokenHash, route: StoredRoute): void {
    this.routeRemoved(hash);
    this.#routes.set(hash, route);
    const hashes = this.#hashes.get(route.uid) ?? new Set();
    this.#hashes.set(route.uid, hashes.add(hash));
  }

  learnEnd(hash: TokenHash, exp: number | null): void {
    const stored = this.#routes.get(hash);
    if (stored !== undefined) this.#routes.set(hash, { ...stored, exp });
  }

  routeInDoubt(hash: TokenHash, uid: string): void {
    const present = this.#routes.get(hash);
    if (present !== undefined && present.uid !== uid) return;
    this.routePut(hash, { uid, revision: undefined, exp: undefined });
  }

  /** As {@link routeInDoubt}, of a route that is being removed; when it ends is still known. */
  removalInDoubt(hash: TokenHash): void {
    const stored = this.#routes.get(hash);
    if (stored !== undefined) this.#routes.set(hash, { ...stored, revision: undefined });
  }

  routeRemoved(hash: TokenHash): void {
    const stored = this.#routes.get(hash);
    if (stored === undefined) return;
    this.#routes.delete(hash);
    const hashes = this.#hashes.get(stored.uid);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.#hashes.delete(stored.uid);
  }

  hasAccount(uid: string, revision: string): boolean {
    return this.#accounts.get(uid) === revision;
  }

  mayHaveAccount(uid: string): boolean {
    return this.#accounts.has(uid);
  }

  accountPut(uid: string, revision: string | undefined): void {
    this.#accounts.set(uid, revision);
  }

  accountRemoved(uid: string): void {
    this.#accounts.delete(uid);
  }

  /**
   * Takes over an inventory, except for the hashes and uids in `touched`, which were written while it was read and are
   * known better. Damaged routes are left out: nobody holds them. What is known of `exp` is kept.
   */
  refresh(inventory: StoreInventory, touched: ReadonlySet<string> = new Set()): void {
    for (const [hash, stored] of this.#routes) {
      if (!touched.has(hash) && !touched.has(stored.uid) && !inventory.routes.has(hash)) this.routeRemoved(hash);
    }
    for (const [hash, { uid, revision }] of inventory.routes) {
      if (touched.has(hash) || touched.has(uid)) continue;
      const before = this.#routes.get(hash);
      const exp = before?.uid === uid && before.revision === revision ? before.exp : undefined;
      if (revision === DAMAGED) this.routeRemoved(hash);
      else this.routePut(hash, { uid, revision, exp });
    }
    for (const uid of [...this.#accounts.keys()]) {
      if (!touched.has(uid) && !inventory.accounts.has(uid)) this.#accounts.delete(uid);
    }
    for (const [uid, { revision }] of inventory.accounts) {
      if (!touched.has(uid)) this.#accounts.set(uid, revision);
    }
  }
}
