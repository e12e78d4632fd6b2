import { StoreUnavailableError } from '../errors.ts';
import type { AccountLookup, ApiTokenLookup, InvalidationListener, RouteLookup, RouteReader } from '../store.ts';
import type { TokenHash } from '../token.ts';
import type { MemoryState } from './memory-state.ts';

/** One gateway's side of a memory store. Told of changes synchronously. */
export class MemoryRouteReader implements RouteReader {
  readonly #state: MemoryState;
  #stopListening: (() => void) | undefined;
  #clockOffset = 0;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  async start(listener: InvalidationListener): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = this.#state.listen(listener);
    listener.allChanged();
  }

  async fetchRoute(hash: TokenHash): Promise<RouteLookup> {
    this.#reach('fetch route');
    if (!this.#state.verified) return { verified: false };
    return { verified: true, route: this.#state.routes.get(hash) };
  }

  async fetchApiToken(hash: TokenHash): Promise<ApiTokenLookup> {
    this.#reach('fetch API token');
    if (!this.#state.verified) return { verified: false };
    return { verified: true, apiToken: this.#state.apiTokens.get(hash) };
  }

  async fetchAccount(uid: string): Promise<AccountLookup> {
    this.#reach('fetch account');
    if (!this.#state.verified) return { verified: false };
    return { verified: true, account: this.#state.account(uid) };
  }

  staleness(): number {
    return this.#stopListening === undefined ? Number.POSITIVE_INFINITY : this.#state.silence;
  }

  clockOffset(): number | undefined {
    return this.#clockOffset;
  }

  /** What this gateway measures of the store's clock. */
  setClockOffset(milliseconds: number): void {
    this.#clockOffset = milliseconds;
  }

  async close(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #reach(action: string): void {
    if (!this.#state.reachable) throw new StoreUnavailableError(action, 'the store is out of reach');
  }
}
