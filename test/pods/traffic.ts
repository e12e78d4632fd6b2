import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { postStatus, type WayIn } from './way-in.ts';

/**
 * MCP traffic without a pause, as several clients make it: some keep their connection, some open one for each request.
 * Remembers every POST that did not end with 200, and why.
 */
export interface TrafficReport {
  readonly answered: number;
  /** `503`, or the error of a request that got no answer, with the second in which it was sent. */
  readonly failures: readonly string[];
}

const CLIENTS = 4;
const PAUSE = 40;

export class Traffic {
  #answered = 0;
  readonly #failures: string[] = [];
  readonly #started = performance.now();
  readonly #loops: Promise<void>[];
  #running = true;

  constructor(url: string, way: WayIn) {
    this.#loops = Array.from({ length: CLIENTS }, (_, index) => this.#client(url, way, index % 2 === 0));
  }

  get answered(): number {
    return this.#answered;
  }

  async stop(): Promise<TrafficReport> {
    this.#running = false;
    await Promise.all(this.#loops);
    return { answered: this.#answered, failures: this.#failures };
  }

  async #client(url: string, way: WayIn, keepsConnection: boolean): Promise<void> {
    while (this.#running) {
      const at = ((performance.now() - this.#started) / 1_000).toFixed(1);
      const fresh = keepsConnection ? undefined : new Agent({ connect: way.connect });
      try {
        const status = await postStatus(url, 'tools/list', { dispatcher: fresh ?? way.dispatcher });
        if (status === 200) this.#answered += 1;
        else this.#failures.push(`${at} s: ${status}`);
      } catch (error) {
        this.#failures.push(`${at} s: ${error instanceof Error ? `${error.name} ${error.message}` : String(error)}`);
      }
      await fresh?.close();
      await sleep(PAUSE);
    }
  }
}
