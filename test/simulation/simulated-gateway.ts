import { Admission, type Decision, type Presented } from '../../src/gateway/admission.ts';
import type { Clock } from '../../src/process/clock.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { AnswerCheck } from './answer-check.ts';
import { SimulatedClients } from './simulated-clients.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { WatchedReader } from './watched-reader.ts';
import type { Witness } from './witness.ts';

/** A gateway reduced to its admission function, and the clients that call it. Each answer is held against the ledger. */
export interface GatewayOptions {
  process: SimulatedProcess;
  store: MemoryRouteStore;
  storeClock: Clock;
  witness: Witness;
  /** When the store was last lost from sight, monotonic; `undefined` while it is in sight. */
  storeLostAt: () => number | undefined;
}

/** Large memories take long to make, and a run has few tokens. */
const SMALL = { maxRoutes: 64, maxAccounts: 16, maxUnknown: 64 };

export class SimulatedGateway {
  readonly #options: GatewayOptions;
  readonly #reader: WatchedReader;
  readonly #admission: Admission;
  readonly #clients: SimulatedClients;
  readonly #check: AnswerCheck;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { process, store, witness } = options;
    this.#reader = new WatchedReader(process, store.reader(), (news) => this.#clients.heard(news));
    this.#check = new AnswerCheck({ ...options, reader: this.#reader });
    this.#clients = new SimulatedClients({
      process,
      ledger: witness.ledger,
      clockOffset: () => this.#reader.clockOffset() ?? 0,
      request: (token, apiToken) => void this.request(token, apiToken),
    });
    this.#admission = new Admission({ reader: this.#reader, clock: process.clock, ...SMALL });
    void this.#admission.start();
    this.measureClock();
    this.#clients.start();
  }

  get process(): SimulatedProcess {
    return this.#options.process;
  }

  measureClock(): void {
    this.#reader.measureClock(this.#options.storeClock.now());
    this.#clients.expectEnds();
  }

  /** One request of a client; never answered when the gateway dies over it. */
  async request(token: string, apiToken?: Presented): Promise<Decision> {
    const { ledger } = this.#options.witness;
    const asked = ledger.moment;
    const pending = this.#admission.admit(token, apiToken);
    const decision = pending instanceof Promise ? await pending : pending;
    this.#check.check({ token, apiToken }, decision, ledger.justChangedSince(asked));
    return decision;
  }

  close(): void {
    void this.#reader.close();
  }
}
