import { setTimeout as sleep } from 'node:timers/promises';
import { mcpRequest } from './mcp-client.ts';

/** Asks URLs over and over, as clients do, and remembers each answer with the moment it was asked for. */
export interface UrlAnswer {
  readonly url: string;
  readonly status: number;
  /** Wall clock, milliseconds. */
  readonly sentAt: number;
}

export class UrlWatch {
  readonly answers: UrlAnswer[] = [];
  readonly #urls = new Set<string>();
  readonly #every: number;
  #running = true;
  readonly #loop: Promise<void>;

  constructor(urls: Iterable<string> = [], every = 100) {
    this.#every = every;
    for (const url of urls) this.add(url);
    this.#loop = this.#run();
  }

  add(url: string): void {
    this.#urls.add(url);
  }

  statusesOf(url: string): number[] {
    return this.answers.filter((answer) => answer.url === url).map(({ status }) => status);
  }

  async stop(): Promise<readonly UrlAnswer[]> {
    this.#running = false;
    await this.#loop;
    return this.answers;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      for (const url of this.#urls) {
        const { status, sentAt } = await mcpRequest(url, 'ping');
        this.answers.push({ url, status, sentAt });
      }
      await sleep(this.#every);
    }
  }
}
