import { isDeepStrictEqual } from 'node:util';
import { Admission, type Decision } from '../../src/gateway/admission.ts';
import type { Clock } from '../../src/process/clock.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { fingerprint, hashToken, type TokenHash } from '../../src/routes/token.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { WatchedReader } from './watched-reader.ts';
import type { Witness } from './witness.ts';

/**
 * A gateway reduced to its admission function, and the clients that call it. Clients call when it is most awkward: right
 * after news of a route, and around the instant at which a token dies. Each answer is held against the ledger.
 */
export interface GatewayOptions {
  process: SimulatedProcess;
  store: MemoryRouteStore;
  storeClock: Clock;
  witness: Witness;
  /** When the store was last lost from sight, monotonic; `undefined` while it is in sight. */
  storeLostAt: () => number | undefined;
}

const STALE_FOR = 5_000;
/** Large memories take long to make, and a run has few tokens. */
const SMALL = { maxRoutes: 64, maxAccounts: 16, maxUnknown: 64 };
const LONGEST_WAIT = 1_200_000;

export class SimulatedGateway {
  readonly #options: GatewayOptions;
  readonly #reader: WatchedReader;
  readonly #admission: Admission;
  readonly #expected = new Set<string>();

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { process, store, witness } = options;
    this.#reader = new WatchedReader(process, store.reader(), (news) => {
      if (news.kind !== 'route') return;
      const token = witness.ledger.tokens.get(news.hash);
      if (token !== undefined) void this.request(token);
      this.#expectEnd(news.hash);
    });
    this.#admission = new Admission({ reader: this.#reader, clock: process.clock, ...SMALL });
    void this.#admission.start();
    this.measureClock();
    this.#callNow();
  }

  get process(): SimulatedProcess {
    return this.#options.process;
  }

  measureClock(): void {
    this.#reader.measureClock(this.#options.storeClock.now());
    for (const hash of this.#options.witness.ledger.routes.keys()) this.#expectEnd(hash);
  }

  /** One request of a client; `undefined` when the gateway died over it. */
  async request(token: string): Promise<Decision> {
    const { ledger } = this.#options.witness;
    const asked = ledger.moment;
    const pending = this.#admission.admit(token);
    const decision = pending instanceof Promise ? await pending : pending;
    if (decision.kind === 'serve') this.#check(token, decision, ledger.justChangedSince(asked));
    return decision;
  }

  close(): void {
    void this.#reader.close();
  }

  #check(token: string, decision: Decision & { kind: 'serve' }, changedJustNow: boolean): void {
    const { process, witness, store, storeClock, storeLostAt } = this.#options;
    const hash = hashToken(token);
    const who = `${process.name} served ${fingerprint(hash)} of ${decision.route.record.name}`;
    const known = witness.ledger.routes.get(hash);
    const unheard = this.#reader.mayNotHaveHeardOfRoute(hash);

    const exp = (unheard ? undefined : known?.exp) ?? decision.route.record.exp;
    const latest = Math.max(process.clock.now(), process.clock.now() + (this.#reader.clockOffset() ?? 0));
    if (exp !== null && exp <= latest) {
      witness.violate('no-request-after-exp', `${who} ${latest - exp} ms after its end`);
    }
    if (changedJustNow) return;
    if (!unheard && (known === undefined || !isDeepStrictEqual(known, decision.route.record))) {
      witness.violate(
        'no-revoked-token',
        `${who}, but the last word on it is ${known === undefined ? 'revoked' : 'another record'}`,
      );
    }
    const account = witness.ledger.accounts.get(decision.account.uid);
    const credentials = Object.fromEntries(decision.account.access.credentials);
    const stored = account?.credentials.map(({ tier, ...credential }) => [tier, credential] as const);
    if (
      !this.#reader.mayNotHaveHeardOfAccount(decision.account.uid) &&
      !isDeepStrictEqual(credentials, Object.fromEntries(stored ?? []))
    ) {
      witness.violate('no-revoked-credential', who);
    }
    const lostAt = storeLostAt();
    if (lostAt !== undefined && storeClock.monotonic() - lostAt > STALE_FOR) {
      witness.violate('no-stale-store', `${who} ${storeClock.monotonic() - lostAt} ms after the store was lost`);
    }
    if (lostAt === undefined && this.#reader.hasHeardAll) {
      void store.fetchRoute(hash).then(({ verified }) => {
        if (!verified) witness.violate('no-unverified-store', who);
      });
    }
  }

  /** Now and then somebody calls; mostly with a token that is good, or was not long ago. */
  #callNow(): void {
    const { process, witness } = this.#options;
    const { chance, clock, weather } = process;
    if (!weather.calm) {
      const good = [...witness.ledger.routes.keys()];
      const hashes = good.length > 0 && chance.happens(0.8) ? good : [...witness.ledger.tokens.keys()];
      const token = witness.ledger.tokens.get(hashes[chance.between(0, hashes.length - 1)] ?? hashToken(''));
      if (token !== undefined) void this.request(token);
    }
    clock.setTimer(weather.calm ? 30_000 : chance.duration(50, 4_000), () => this.#callNow());
  }

  /** Requests just before, at and after the end of the token, and a moment earlier so that the route is remembered. */
  #expectEnd(hash: TokenHash): void {
    const { process, witness } = this.#options;
    const token = witness.ledger.tokens.get(hash);
    const exp = witness.ledger.routes.get(hash)?.exp;
    if (token === undefined || exp === undefined || exp === null) return;
    const wait = exp - process.clock.now() - Math.max(0, this.#reader.clockOffset() ?? 0);
    const at = process.clock.monotonic() + wait;
    if (wait > LONGEST_WAIT || this.#expected.has(`${hash} ${at}`)) return;
    this.#expected.add(`${hash} ${at}`);
    for (const early of [400, 1, 0, -1, -300]) process.clock.setTimer(wait - early, () => void this.request(token));
  }
}
