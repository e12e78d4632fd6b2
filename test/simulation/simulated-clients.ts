import type { Presented } from '../../src/gateway/admission.ts';
import { hashToken, type TokenHash } from '../../src/routes/token.ts';
import type { Ledger } from './ledger.ts';
import type { RecordLedger } from './record-ledger.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { BearerRecord } from './token-bearers.ts';
import type { News } from './watched-reader.ts';

/**
 * The clients of one gateway. They call when it is most awkward: right after news of a token, and around the instant at
 * which one dies. With a token whose server asks for an API token they send one that is good, or was not long ago.
 */
export interface ClientsOptions {
  process: SimulatedProcess;
  ledger: Ledger;
  /** What the gateway believes of the store's clock. */
  clockOffset: () => number;
  request: (token: string, apiToken: Presented) => void;
}

const LONGEST_WAIT = 1_200_000;

export class SimulatedClients {
  readonly #options: ClientsOptions;
  readonly #expected = new Set<string>();

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  start(): void {
    const { process, ledger } = this.#options;
    // Whoever reads an API token from its Secret at once may be faster than its record.
    ledger.apiTokens.onNewToken((hash) => {
      process.clock.setTimer(process.chance.between(0, 20), () => this.#callWithApiToken(hash));
    });
    this.#callNow();
  }

  heard(news: News): void {
    if (news.kind === 'route') {
      this.#callWith(news.hash);
      this.#expectEnd(news.hash);
    } else if (news.kind === 'apiToken') {
      this.#callWithApiToken(news.hash);
      this.#expectEndOfApiToken(news.hash);
    } else if (news.kind === 'all') {
      for (const hash of this.#options.ledger.apiTokens.tokens.keys()) this.#callWithApiToken(hash);
    }
  }

  expectEnds(): void {
    const { routes, apiTokens } = this.#options.ledger;
    for (const hash of routes.records.keys()) this.#expectEnd(hash);
    for (const hash of apiTokens.records.keys()) this.#expectEndOfApiToken(hash);
  }

  /** Now and then somebody calls; mostly with a token that is good, or was not long ago. */
  #callNow(): void {
    const { process, ledger } = this.#options;
    const { chance, clock, weather } = process;
    if (!weather.calm) {
      const hash = this.#anyOf(ledger.routes);
      if (hash !== undefined) this.#callWith(hash);
    }
    clock.setTimer(weather.calm ? 30_000 : chance.duration(50, 4_000), () => this.#callNow());
  }

  #callWith(hash: TokenHash): void {
    const token = this.#options.ledger.routes.tokens.get(hash);
    if (token !== undefined) this.#options.request(token, this.#companionOf(hash));
  }

  /** To a server that it may connect to, if there is one. */
  #callWithApiToken(hash: TokenHash): void {
    const { ledger, request } = this.#options;
    const apiToken = ledger.apiTokens.tokens.get(hash);
    const token = ledger.routes.tokens.get(this.#serverFor(hash) ?? hashToken(''));
    if (apiToken !== undefined && token !== undefined) request(token, apiToken);
  }

  /** What goes with a token in `Authorization`. */
  #companionOf(hash: TokenHash): Presented {
    const { process, ledger } = this.#options;
    if (ledger.apiTokens.tokens.size === 0) return undefined;
    const asks = ledger.routes.records.get(hash)?.auth === 'api-token';
    if (process.chance.happens(asks ? 0.1 : 0.8)) return asks && process.chance.happens(0.5) ? null : undefined;
    return ledger.apiTokens.tokens.get(this.#anyOf(ledger.apiTokens) ?? hashToken(''));
  }

  #serverFor(apiToken: TokenHash): TokenHash | undefined {
    const { routes, apiTokens } = this.#options.ledger;
    const servers = apiTokens.records.get(apiToken)?.servers ?? ['*'];
    for (const [hash, { auth, name }] of routes.records) {
      if (auth === 'api-token' && (servers.includes(name) || servers.includes('*'))) return hash;
    }
    return undefined;
  }

  #anyOf(ledger: RecordLedger<BearerRecord>): TokenHash | undefined {
    const { chance } = this.#options.process;
    const good = [...ledger.records.keys()];
    const hashes = good.length > 0 && chance.happens(0.8) ? good : [...ledger.tokens.keys()];
    return hashes[chance.between(0, hashes.length - 1)];
  }

  #expectEnd(hash: TokenHash): void {
    const { routes } = this.#options.ledger;
    this.#aroundEnd(hash, routes.records.get(hash), () => this.#callWith(hash));
  }

  #expectEndOfApiToken(hash: TokenHash): void {
    const { apiTokens } = this.#options.ledger;
    this.#aroundEnd(hash, apiTokens.records.get(hash), () => this.#callWithApiToken(hash));
  }

  /** Calls just before, at and after the end of a token, and a moment earlier so that it is remembered. */
  #aroundEnd(hash: TokenHash, record: BearerRecord | undefined, call: () => void): void {
    const { process, clockOffset } = this.#options;
    if (record === undefined || record.exp === null) return;
    const wait = record.exp - process.clock.now() - Math.max(0, clockOffset());
    const at = process.clock.monotonic() + wait;
    if (wait > LONGEST_WAIT || this.#expected.has(`${hash} ${at}`)) return;
    this.#expected.add(`${hash} ${at}`);
    for (const early of [400, 1, 0, -1, -300]) process.clock.setTimer(wait - early, call);
  }
}
