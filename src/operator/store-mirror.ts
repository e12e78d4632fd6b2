import type { StoreInventory } from '../routes/store.ts';
import { TokenMirror } from './token-mirror.ts';

/**
 * What this leader knows to be stored: it answers whether a write would change anything, so that unchanged things are
 * never written again. What is in doubt counts as present for removals and as absent for comparisons.
 */
export class StoreMirror {
  readonly routes = new TokenMirror();
  readonly apiTokens = new TokenMirror();
  #accounts = new Map<string, string | undefined>();

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

  /** Takes over an inventory, except for the hashes and uids in `touched`, which were written while it was read and are known better. */
  refresh(inventory: StoreInventory, touched: ReadonlySet<string> = new Set()): void {
    this.routes.refresh(inventory.routes, touched);
    this.apiTokens.refresh(inventory.apiTokens, touched);
    for (const uid of [...this.#accounts.keys()]) {
      if (!touched.has(uid) && !inventory.accounts.has(uid)) this.#accounts.delete(uid);
    }
    for (const [uid, { revision }] of inventory.accounts) {
      if (!touched.has(uid)) this.#accounts.set(uid, revision);
    }
  }
}
