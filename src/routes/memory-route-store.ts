import type { Clock } from '../process/clock.ts';
import { MemoryRouteReader } from './memory/memory-reader.ts';
import { type MemoryDump, MemoryState } from './memory/memory-state.ts';
import { MemoryRouteWriter } from './memory/memory-writer.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from './records.ts';
import type { InvalidationListener, RouteEntry, RouteReader, RouteWriter, TokenRecordWriter } from './store.ts';
import type { TokenHash } from './token.ts';

/**
 * The route store of the standalone mode and the simulation: both sides on one memory, with the semantics of the Redis
 * store and no timer. More operators and gateways on the same memory come from `writer()` and `reader()`. The methods
 * under "loss" play what befalls a real store.
 */
export function createMemoryRouteStore(options: { clock: Clock }): MemoryRouteStore {
  return new MemoryRouteStore(options.clock);
}

export class MemoryRouteStore implements RouteWriter, RouteReader {
  readonly apiTokens: TokenRecordWriter<ApiTokenRecord>;
  readonly #state: MemoryState;
  readonly #writer: MemoryRouteWriter;
  readonly #reader: MemoryRouteReader;

  constructor(clock: Clock) {
    this.#state = new MemoryState(clock);
    this.#writer = this.writer();
    this.apiTokens = this.#writer.apiTokens;
    this.#reader = this.reader();
  }

  writer(): MemoryRouteWriter {
    return new MemoryRouteWriter(this.#state);
  }

  reader(): MemoryRouteReader {
    return new MemoryRouteReader(this.#state);
  }

  takeEpoch = (leaseTransitions: number) => this.#writer.takeEpoch(leaseTransitions);
  putRoute = (epoch: number, hash: TokenHash, record: RouteRecord) => this.#writer.putRoute(epoch, hash, record);
  putRoutes = (epoch: number, routes: readonly RouteEntry[]) => this.#writer.putRoutes(epoch, routes);
  deleteRoutes = (epoch: number, uid: string, keep?: TokenHash) => this.#writer.deleteRoutes(epoch, uid, keep);
  removeRoutes = (epoch: number, hashes: readonly TokenHash[]) => this.#writer.removeRoutes(epoch, hashes);
  putAccount = (epoch: number, record: AccountRecord) => this.#writer.putAccount(epoch, record);
  deleteAccount = (epoch: number, uid: string) => this.#writer.deleteAccount(epoch, uid);
  inventory = () => this.#writer.inventory();
  routeRevision = (hash: TokenHash, record: RouteRecord) => this.#writer.routeRevision(hash, record);
  accountRevision = (record: AccountRecord) => this.#writer.accountRevision(record);
  isVerified = () => this.#writer.isVerified();
  markVerified = (epoch: number) => this.#writer.markVerified(epoch);

  start = (listener: InvalidationListener) => this.#reader.start(listener);
  fetchRoute = (hash: TokenHash) => this.#reader.fetchRoute(hash);
  fetchApiToken = (hash: TokenHash) => this.#reader.fetchApiToken(hash);
  fetchAccount = (uid: string) => this.#reader.fetchAccount(uid);
  staleness = () => this.#reader.staleness();
  clockOffset = () => this.#reader.clockOffset();

  async close(): Promise<void> {
    await this.#reader.close();
  }

  // Loss.

  /** FLUSHALL. */
  flush(): void {
    this.#state.flush();
  }

  /** What a dump taken now would hold, for {@link restart}. */
  dump(): MemoryDump {
    return this.#state.dump();
  }

  /** The server process dies and another begins, from `dump` (an old one, or one of a lagging replica) or empty. */
  restart(dump?: MemoryDump): void {
    this.#state.restart(dump);
  }

  /** While out of reach every call fails and no reader hears of anything; on the return all may have changed. */
  setReachable(reachable: boolean): void {
    this.#state.setReachable(reachable);
  }
}
