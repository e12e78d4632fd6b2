import { createHash } from 'node:crypto';
import { StaleEpochError, StoreUnavailableError } from '../errors.ts';
import { canonicalAccount, canonicalApiToken, canonicalRoute } from '../record-schema.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../records.ts';
import {
  firstEpoch,
  LATER_TERM,
  type PutOutcome,
  type RouteEntry,
  type RouteWriter,
  type StoreInventory,
} from '../store.ts';
import type { TokenHash } from '../token.ts';
import type { MemoryState } from './memory-state.ts';
import { MemoryTokenRecords } from './memory-token-records.ts';

/** One operator's side of a memory store, with the fence of the Redis one. Each call takes effect at once. */
export class MemoryRouteWriter implements RouteWriter {
  readonly apiTokens: MemoryTokenRecords<ApiTokenRecord>;
  readonly #routes: MemoryTokenRecords<RouteRecord>;
  readonly #state: MemoryState;
  #taken: { readonly term: number; readonly epoch: number; readonly runId: number } | undefined;
  /** The highest epoch of a later term that the store told of. */
  #later = 0;

  constructor(state: MemoryState) {
    this.#state = state;
    const fence = (action: string, epoch: number) => this.#fence(action, epoch);
    this.#routes = new MemoryTokenRecords({ table: state.routes, what: 'route', fence, canonical: canonicalRoute });
    this.apiTokens = new MemoryTokenRecords({
      table: state.apiTokens,
      what: 'API token',
      fence,
      canonical: canonicalApiToken,
    });
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

  putRoute(epoch: number, hash: TokenHash, record: RouteRecord): Promise<void> {
    return this.#routes.put(epoch, hash, record);
  }

  putRoutes(epoch: number, routes: readonly RouteEntry[]): Promise<ReadonlyMap<TokenHash, PutOutcome>> {
    return this.#routes.putMany(epoch, routes);
  }

  deleteRoutes(epoch: number, serverUid: string, keep?: TokenHash): Promise<number> {
    return this.#routes.deleteOf(epoch, serverUid, keep);
  }

  removeRoutes(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    return this.#routes.remove(epoch, hashes);
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
      routes: this.#routes.claims(),
      apiTokens: this.apiTokens.claims(),
      accounts: new Map(
        this.#state.accounts().map(([uid, record]) => [uid, { revision: this.accountRevision(record) }]),
      ),
    };
  }

  routeRevision(hash: TokenHash, record: RouteRecord): string {
    return this.#routes.revision(hash, record);
  }

  accountRevision(record: AccountRecord): string {
    return createHash('sha256').update(canonicalAccount(record)).digest('base64url');
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
