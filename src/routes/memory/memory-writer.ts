import { createHash } from 'node:crypto';
import { RouteConflictError, StaleEpochError, StoreUnavailableError } from '../errors.ts';
import { canonicalAccount, canonicalRoute } from '../record-schema.ts';
import type { AccountRecord, RouteRecord } from '../records.ts';
import {
  firstEpoch,
  LATER_TERM,
  type PutOutcome,
  type RouteEntry,
  type RouteWriter,
  type StoreInventory,
} from '../store.ts';
import { fingerprint, type TokenHash } from '../token.ts';
import type { MemoryState } from './memory-state.ts';

/** One operator's side of a memory store, with the fence of the Redis one. Each call takes effect at once. */
export class MemoryRouteWriter implements RouteWriter {
  readonly #state: MemoryState;
  #taken: { readonly term: number; readonly epoch: number; readonly runId: number } | undefined;
  /** The highest epoch of a later term that the store told of. */
  #later = 0;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async takeEpoch(leaseTransitions: number): Promise<number> {
    this.#reach('take epoch');
    const stored = this.#state.epoch;
    const own = this.#taken?.term === leaseTransitions ? this.#taken.epoch : undefined;
    if (own !== undefined && stored > own) throw new StaleEpochError(own);
    if (stored > firstEpoch(leaseTransitions + 1) && stored > this.#later) {
      this.#later = stored;
      throw new StoreUnavailableError('take epoch', LATER_TERM);
    }
    const epoch = Math.max(stored, own ?? 0, firstEpoch(leaseTransitions)) + 1;
    this.#state.epoch = epoch;
    this.#taken = { term: leaseTransitions, epoch, runId: this.#state.runId };
    return epoch;
  }

  async putRoute(epoch: number, hash: TokenHash, record: RouteRecord): Promise<void> {
    this.#fence('put route', epoch);
    if (this.#put(hash, record) === 'conflict') throw new RouteConflictError(fingerprint(hash));
  }

  async putRoutes(epoch: number, routes: readonly RouteEntry[]): Promise<ReadonlyMap<TokenHash, PutOutcome>> {
    this.#fence('put routes', epoch);
    return new Map(routes.map(({ hash, record }) => [hash, this.#put(hash, record)]));
  }

  async deleteRoutes(epoch: number, serverUid: string, keep?: TokenHash): Promise<number> {
    this.#fence('delete routes', epoch);
    const doomed = this.#state.routes().filter(([hash, { uid }]) => uid === serverUid && hash !== keep);
    for (const [hash] of doomed) this.#state.setRoute(hash, undefined);
    return doomed.length;
  }

  async removeRoutes(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    this.#fence('remove routes', epoch);
    const present = hashes.filter((hash) => this.#state.route(hash) !== undefined);
    for (const hash of present) this.#state.setRoute(hash, undefined);
    return present.length;
  }

  async putAccount(epoch: number, record: AccountRecord): Promise<void> {
    this.#fence('put account', epoch);
    this.#state.setAccount(record.uid, record);
  }

  async deleteAccount(epoch: number, accountUid: string): Promise<void> {
    this.#fence('delete account', epoch);
    if (this.#state.account(accountUid) !== undefined) this.#state.setAccount(accountUid, undefined);
  }

  async inventory(): Promise<StoreInventory> {
    this.#reach('inventory');
    return {
      routes: new Map(
        this.#state
          .routes()
          .map(([hash, record]) => [hash, { uid: record.uid, revision: this.routeRevision(hash, record) }]),
      ),
      accounts: new Map(
        this.#state.accounts().map(([uid, record]) => [uid, { revision: this.accountRevision(record) }]),
      ),
    };
  }

  routeRevision(hash: TokenHash, record: RouteRecord): string {
    return digest(hash + canonicalRoute(record));
  }

  accountRevision(record: AccountRecord): string {
    return digest(canonicalAccount(record));
  }

  async isVerified(): Promise<boolean> {
    this.#reach('check verification');
    return this.#state.verified;
  }

  async markVerified(epoch: number): Promise<void> {
    this.#fence('mark verified', epoch);
    if (this.#taken?.epoch !== epoch || this.#taken.runId !== this.#state.runId) {
      throw new StoreUnavailableError(
        'mark verified',
        'the store has restarted since the rebuild began; rebuild again',
      );
    }
    this.#state.verify(epoch);
  }

  async close(): Promise<void> {}

  #put(hash: TokenHash, record: RouteRecord): PutOutcome {
    const holder = this.#state.route(hash);
    if (holder !== undefined && holder.uid !== record.uid) return 'conflict';
    const expired = this.#state.hasExpired(record);
    if (!expired || holder !== undefined) this.#state.setRoute(hash, expired ? undefined : record);
    return expired ? 'expired' : 'written';
  }

  #reach(action: string): void {
    if (!this.#state.reachable) throw new StoreUnavailableError(action, 'the store is out of reach');
  }

  #fence(action: string, epoch: number): void {
    this.#reach(action);
    if (this.#state.epoch === 0) {
      throw new StoreUnavailableError(action, 'the store was emptied; take an epoch and rebuild it');
    }
    if (epoch < this.#state.epoch) throw new StaleEpochError(epoch);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
