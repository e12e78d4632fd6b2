import { isDeepStrictEqual } from 'node:util';
import type { Decision, Presented } from '../../src/gateway/admission.ts';
import type { Clock } from '../../src/process/clock.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import type { ApiTokenRecord, RouteRecord } from '../../src/routes/records.ts';
import { fingerprint, hashToken, type TokenHash } from '../../src/routes/token.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { BearerRecord } from './token-bearers.ts';
import type { WatchedReader } from './watched-reader.ts';
import type { Witness } from './witness.ts';

/**
 * Holds one answer of a gateway against what truly happened: nothing is served that has ended or was withdrawn, a server
 * that asks for an API token serves with a good one only, and who is refused for the want of one had a live URL. What a
 * gateway has not heard of yet is not held against it.
 */
export interface AnswerCheckOptions {
  process: SimulatedProcess;
  reader: WatchedReader;
  store: MemoryRouteStore;
  storeClock: Clock;
  witness: Witness;
  storeLostAt: () => number | undefined;
}

export interface Call {
  readonly token: string;
  readonly apiToken: Presented;
}

type Served = Decision & { kind: 'serve' };

const STALE_FOR = 5_000;
/** How fast a deletion that the store has acknowledged reaches every gateway. */
const REVOCATION_REACHES_MS = 1_000;

export class AnswerCheck {
  readonly #options: AnswerCheckOptions;

  constructor(options: AnswerCheckOptions) {
    this.#options = options;
  }

  check(call: Call, decision: Decision, changedJustNow: boolean): void {
    if (decision.kind === 'serve') this.#checkServed(call, decision, changedJustNow);
    if (decision.kind === 'unauthorized') this.#checkUnauthorized(call, decision.route.record, changedJustNow);
  }

  #checkServed({ token, apiToken }: Call, decision: Served, changedJustNow: boolean): void {
    const { process, witness, reader } = this.#options;
    const { record } = decision.route;
    const hash = hashToken(token);
    const who = `${process.name} served ${fingerprint(hash)} of ${record.name}`;
    const said = this.#lastWordOnRoute(hash);
    this.#checkLife(who, said?.record ?? record);
    const second = typeof apiToken === 'string' ? hashToken(apiToken) : undefined;
    const secondSaid = second === undefined ? undefined : this.#lastWordOnApiToken(second);
    const used = decision.apiToken?.record;
    const whoWith = second === undefined ? who : `${who} to API token ${fingerprint(second)}`;
    if (used !== undefined) this.#checkLife(whoWith, secondSaid?.record ?? used);
    if (record.auth === 'api-token' && (used === undefined || !mayConnect(used, record))) {
      witness.violate('second-factor', `${whoWith}, which has no right to it`);
    }
    if (changedJustNow) return;

    if (said !== undefined && !isDeepStrictEqual(said.record, record)) {
      witness.violate('no-revoked-token', `${who}, but the last word on it is ${worded(said.record)}`);
    }
    if (used !== undefined && secondSaid !== undefined && !isDeepStrictEqual(secondSaid.record, used)) {
      witness.violate('no-revoked-token', `${whoWith}, but the last word on that is ${worded(secondSaid.record)}`);
    }
    const account = witness.ledger.accounts.get(decision.account.uid);
    const credentials = Object.fromEntries(decision.account.access.credentials);
    const stored = account?.credentials.map(({ tier, ...credential }) => [tier, credential] as const);
    if (
      !reader.mayNotHaveHeardOfAccount(decision.account.uid) &&
      !isDeepStrictEqual(credentials, Object.fromEntries(stored ?? []))
    ) {
      witness.violate('no-revoked-credential', who);
    }
    this.#checkStore(who, hash);
  }

  /** Neither after its end, nor long after its resource was gone. */
  #checkLife(who: string, { exp, uid }: BearerRecord): void {
    const { witness } = this.#options;
    const latest = this.#latest();
    if (exp !== null && exp <= latest) {
      witness.violate('no-request-after-exp', `${who} ${latest - exp} ms after its end`);
    }
    const goneForMs = witness.lifetimes.goneForMs(uid) ?? 0;
    if (goneForMs > REVOCATION_REACHES_MS) {
      witness.violate('no-request-after-deletion', `${who} ${goneForMs} ms after its resource was gone`);
    }
  }

  #checkStore(who: string, hash: TokenHash): void {
    const { witness, reader, store, storeClock, storeLostAt } = this.#options;
    const lostAt = storeLostAt();
    if (lostAt !== undefined && storeClock.monotonic() - lostAt > STALE_FOR) {
      witness.violate('no-stale-store', `${who} ${storeClock.monotonic() - lostAt} ms after the store was lost`);
    }
    if (lostAt === undefined && reader.hasHeardAll) {
      void store.fetchRoute(hash).then(({ verified }) => {
        if (!verified) witness.violate('no-unverified-store', who);
      });
    }
  }

  #checkUnauthorized({ token, apiToken }: Call, route: RouteRecord, changedJustNow: boolean): void {
    const { process, witness } = this.#options;
    const hash = hashToken(token);
    const who = `${process.name} asked for an API token for ${fingerprint(hash)} of ${route.name}`;
    const latest = this.#latest();
    if (route.exp !== null && route.exp <= latest) {
      witness.violate('second-factor-order', `${who} ${latest - route.exp} ms after its end`);
    }
    if (changedJustNow) return;
    const said = this.#lastWordOnRoute(hash);
    if (said !== undefined && said.record?.auth !== 'api-token') {
      witness.violate('second-factor-order', `${who}, but the last word on it is ${worded(said.record)}`);
    }
    const presented = typeof apiToken === 'string' ? this.#lastWordOnApiToken(hashToken(apiToken))?.record : undefined;
    if (presented !== undefined && mayConnect(presented, route) && (presented.exp ?? Infinity) > latest) {
      witness.violate('live-api-token-refused', `${who} although ${presented.name} came with it`);
    }
  }

  /** The present moment as it counts against tokens. */
  #latest(): number {
    const { process, reader } = this.#options;
    return process.clock.now() + Math.max(0, reader.clockOffset() ?? 0);
  }

  /** `undefined` while the gateway may not have heard of it. */
  #lastWordOnRoute(hash: TokenHash): { record: RouteRecord | undefined } | undefined {
    const { reader, witness } = this.#options;
    return reader.mayNotHaveHeardOfRoute(hash) ? undefined : { record: witness.ledger.routes.records.get(hash) };
  }

  #lastWordOnApiToken(hash: TokenHash): { record: ApiTokenRecord | undefined } | undefined {
    const { reader, witness } = this.#options;
    return reader.mayNotHaveHeardOfApiToken(hash) ? undefined : { record: witness.ledger.apiTokens.records.get(hash) };
  }
}

/** What is written on the tin of an API token, read anew. */
function mayConnect({ namespace, scopes, servers }: ApiTokenRecord, route: RouteRecord): boolean {
  return (
    namespace === route.namespace &&
    scopes.some((scope) => scope === 'connect') &&
    servers.some((name) => name === '*' || name === route.name)
  );
}

function worded(record: BearerRecord | undefined): string {
  return record === undefined ? 'revoked' : 'another record';
}
