import type { Clock } from '../../process/clock.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../records.ts';
import type { InvalidationListener } from '../store.ts';
import type { TokenHash } from '../token.ts';
import { MemoryTokenTable } from './memory-token-table.ts';

/**
 * What a memory store holds, and who is told of changes. It stands for the server process behind a store: it can lose
 * its memory, begin again from an old dump under another run id, or be out of reach. Expiry is exact by its clock.
 * Every change tells the listeners before the call that made it returns.
 */
export interface MemoryDump {
  readonly epoch: number;
  readonly synced: { readonly epoch: number; readonly runId: number } | undefined;
  readonly routes: ReadonlyMap<TokenHash, RouteRecord>;
  readonly apiTokens: ReadonlyMap<TokenHash, ApiTokenRecord>;
  readonly accounts: ReadonlyMap<string, AccountRecord>;
}

const EMPTY: MemoryDump = { epoch: 0, synced: undefined, routes: new Map(), apiTokens: new Map(), accounts: new Map() };

export class MemoryState {
  readonly #clock: Clock;
  readonly #listeners = new Set<InvalidationListener>();
  readonly routes: MemoryTokenTable<RouteRecord>;
  readonly apiTokens: MemoryTokenTable<ApiTokenRecord>;
  #accounts = new Map<string, AccountRecord>();
  #synced: MemoryDump['synced'];
  #runId = 1;
  #reachable = true;
  #lostAt = 0;
  /** 0 when no leader has taken one since the store was emptied. */
  epoch = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.routes = new MemoryTokenTable(clock, (hash) => this.#tell((listener) => listener.routeChanged(hash)));
    this.apiTokens = new MemoryTokenTable(clock, (hash) => this.#tell((listener) => listener.apiTokenChanged(hash)));
  }

  get runId(): number {
    return this.#runId;
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  get verified(): boolean {
    return this.#synced !== undefined && this.#synced.runId === this.#runId;
  }

  /** Milliseconds without contact. */
  get silence(): number {
    return this.#reachable ? 0 : this.#clock.monotonic() - this.#lostAt;
  }

  verify(epoch: number): void {
    this.#synced = { epoch, runId: this.#runId };
    this.#tellAll();
  }

  account(uid: string): AccountRecord | undefined {
    return this.#accounts.get(uid);
  }

  accounts(): [string, AccountRecord][] {
    return [...this.#accounts];
  }

  setAccount(uid: string, record: AccountRecord | undefined): void {
    if (record === undefined) this.#accounts.delete(uid);
    else this.#accounts.set(uid, structuredClone(record));
    this.#tell((listener) => listener.accountChanged(uid));
  }

  listen(listener: InvalidationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setReachable(reachable: boolean): void {
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    if (reachable) this.#tellAll();
    else this.#lostAt = this.#clock.monotonic();
  }

  dump(): MemoryDump {
    return {
      epoch: this.epoch,
      synced: this.#synced,
      routes: this.routes.dump(),
      apiTokens: this.apiTokens.dump(),
      accounts: new Map(this.#accounts),
    };
  }

  /** The same process forgets everything. */
  flush(): void {
    this.#load(EMPTY);
  }

  /** Another process begins, from `dump` or empty. */
  restart(dump: MemoryDump = EMPTY): void {
    this.#runId += 1;
    this.#load(dump);
  }

  #load(dump: MemoryDump): void {
    this.epoch = dump.epoch;
    this.#synced = dump.synced;
    this.routes.load(dump.routes);
    this.apiTokens.load(dump.apiTokens);
    this.#accounts = new Map(dump.accounts);
    this.#tellAll();
  }

  #tellAll(): void {
    this.#tell((listener) => listener.allChanged());
  }

  /** Nobody hears of what happens while the store is out of reach; on the return everybody hears that all may differ. */
  #tell(what: (listener: InvalidationListener) => void): void {
    if (!this.#reachable) return;
    for (const listener of this.#listeners) what(listener);
  }
}
