import type { Clock } from '../../src/process/clock.ts';
import type { MemoryDump } from '../../src/routes/memory/memory-state.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../../src/routes/records.ts';
import { RecordLedger } from './record-ledger.ts';

/**
 * What truly happened, kept beside the parts under test: every token that ever stood in a Secret, and the routes, records
 * of API tokens and accounts that leaders have put and not removed since. Unlike the store it does not lose its memory,
 * so it knows a revoked route that an old dump brings back.
 */
export class Ledger {
  readonly routes = new RecordLedger<RouteRecord>(() => this.changed());
  readonly apiTokens = new RecordLedger<ApiTokenRecord>(() => this.changed());
  readonly accounts = new Map<string, AccountRecord>();
  readonly #time: Clock;
  #moment = 0;
  #lastChange = { moment: 0, at: 0 };

  constructor(time: Clock) {
    this.#time = time;
  }

  /** How many changes there have been. */
  get moment(): number {
    return this.#moment;
  }

  /** Something changed: call it for every change that is not recorded by another method. */
  changed(): void {
    this.#moment += 1;
    this.#lastChange = { moment: this.#moment, at: this.#time.monotonic() };
  }

  /** Whether something changed since `moment`, and at this very instant: who came first is then anybody's guess. */
  justChangedSince(moment: number): boolean {
    return this.#lastChange.moment > moment && this.#lastChange.at === this.#time.monotonic();
  }

  /** The store was declared verified with this content: it is what counts from now on. */
  settle({ routes, apiTokens, accounts }: MemoryDump): void {
    this.routes.settle(routes);
    this.apiTokens.settle(apiTokens);
    this.accounts.clear();
    for (const [uid, record] of accounts) this.accounts.set(uid, record);
  }
}
