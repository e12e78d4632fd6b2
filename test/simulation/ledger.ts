import type { Clock } from '../../src/process/clock.ts';
import type { AccountRecord, RouteRecord } from '../../src/routes/records.ts';
import { hashToken, type TokenHash } from '../../src/routes/token.ts';

/**
 * What truly happened, kept beside the parts under test: every token that ever stood in a Secret, and the routes and
 * accounts that leaders have put and not removed since. Unlike the store it does not lose its memory, so it knows a
 * revoked route that an old dump brings back.
 */
export class Ledger {
  readonly tokens = new Map<TokenHash, string>();
  readonly routes = new Map<TokenHash, RouteRecord>();
  readonly accounts = new Map<string, AccountRecord>();
  /** Routes that were removed, whether or not they were put again. */
  readonly revoked = new Set<TokenHash>();
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

  tokenStands(token: string): void {
    this.tokens.set(hashToken(token), token);
  }

  put(hash: TokenHash, record: RouteRecord): void {
    this.routes.set(hash, record);
    this.changed();
  }

  revoke(hash: TokenHash): void {
    if (!this.routes.delete(hash)) return;
    this.changed();
    this.revoked.add(hash);
  }

  revokeOf(uid: string, keep?: TokenHash): void {
    for (const [hash, record] of [...this.routes]) if (record.uid === uid && hash !== keep) this.revoke(hash);
  }

  routesOf(uid: string): RouteRecord[] {
    return [...this.routes.values()].filter((record) => record.uid === uid);
  }

  /** The store was declared verified with this content: it is what counts from now on. */
  settle(routes: ReadonlyMap<TokenHash, RouteRecord>, accounts: ReadonlyMap<string, AccountRecord>): void {
    for (const hash of [...this.routes.keys()]) if (!routes.has(hash)) this.revoke(hash);
    for (const [hash, record] of routes) this.put(hash, record);
    this.accounts.clear();
    for (const [uid, record] of accounts) this.accounts.set(uid, record);
  }
}
