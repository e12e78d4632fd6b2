import type { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { createOperator, type Operator } from '../../src/operator/operator.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { createMetrics } from '../../src/process/metrics.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import type { LastUses } from './last-uses.ts';
import { simulatedCrisp } from './simulated-crisp.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { TOOLS } from './tools.ts';
import { WatchedApi } from './watched-api.ts';
import { watchedWriter } from './watched-writer.ts';
import type { Witness } from './witness.ts';

/** The production operator in a process of its own. */
export interface SimulatedOperatorOptions {
  process: SimulatedProcess;
  api: EmbeddedObjectApi;
  store: MemoryRouteStore;
  witness: Witness;
  lastUses: LastUses;
  publicUrl: string;
  isLeader: () => boolean;
  onFenced: () => void;
  onCrispAsked: () => void;
}

const KINDS_WATCHED = 4;
const REVISION_KEY = Buffer.alloc(32, 1);

export class SimulatedOperator {
  readonly process: SimulatedProcess;
  readonly api: WatchedApi;
  readonly publicUrl: string;
  readonly #operator: Operator;
  started = false;
  hasLed = false;
  stopping = false;

  constructor(options: SimulatedOperatorOptions) {
    const { process, witness, publicUrl } = options;
    this.process = process;
    this.publicUrl = publicUrl;
    this.api = new WatchedApi(process, options.api, witness);
    this.#operator = createOperator({
      api: this.api,
      store: watchedWriter(process, options.store, witness),
      lastUses: options.lastUses.bookFor(process),
      checker: simulatedCrisp(process, options.onCrispAsked),
      clock: process.clock,
      random: process.chance.fork(),
      logger: silentLogger,
      metrics: createMetrics({ process: process.name, runtime: false }),
      config: { publicUrl, revisionKeys: () => ({ current: REVISION_KEY }), instance: process.name },
      isLeader: options.isLeader,
      onFenced: options.onFenced,
      tools: TOOLS,
    });
  }

  /** Everything that happened to the watched kinds has been told to it. */
  get isCurrent(): boolean {
    return this.api.currentWatches === KINDS_WATCHED;
  }

  /** Nothing waits to be looked at. */
  get isIdle(): boolean {
    return this.#operator.idle;
  }

  async start(): Promise<void> {
    await this.#operator.start();
    this.started = true;
  }

  async lead(term: number): Promise<void> {
    this.hasLed = true;
    await this.#operator.lead(term);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.#operator.stop();
  }

  /** Lets go of what the embedded API holds for it; the process is dead already. */
  release(): void {
    this.#operator.halt();
  }
}
