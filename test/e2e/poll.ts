import { setTimeout as sleep } from 'node:timers/promises';
import { mcpRequest } from './mcp-client.ts';

/**
 * Asks URLs over and over while something happens, and says what was answered meanwhile: for promises of the kind "never".
 */
export interface Polled {
  /** Answers so far. */
  readonly count: number;
  readonly statuses: ReadonlySet<number>;
  /** Answers that were 200. */
  readonly served: number;
  /** Answers 503 that do not say when to come back. */
  readonly withoutRetryAfter: number;
}

export async function pollWhile<Name extends string>(
  happens: (seen: (name: Name) => Polled) => Promise<void>,
  urls: Readonly<Record<Name, string>>,
): Promise<Record<Name, Polled>> {
  const stop = new AbortController();
  const polls = new Map(Object.entries<string>(urls).map(([name, url]) => [name, new Poll(url)]));
  const seen = (name: Name): Polled => {
    const poll = polls.get(name);
    if (poll === undefined) throw new Error(`nothing is polled as ${name}`);
    return poll;
  };
  const running = [...polls.values()].map((poll) => poll.run(stop.signal));
  try {
    await happens(seen);
  } finally {
    stop.abort();
    await Promise.all(running);
  }
  const results: Partial<Record<Name, Polled>> = {};
  for (const name in urls) results[name] = seen(name);
  return results as Record<Name, Polled>;
}

class Poll implements Polled {
  readonly statuses = new Set<number>();
  count = 0;
  served = 0;
  withoutRetryAfter = 0;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answer = await mcpRequest(this.#url, 'tools/list').catch(() => undefined);
      if (answer !== undefined) {
        this.count += 1;
        this.statuses.add(answer.status);
        if (answer.status === 200) this.served += 1;
        if (answer.status === 503 && answer.retryAfter === undefined) this.withoutRetryAfter += 1;
      }
      // Leaves the machine some room; the gateway remembers nothing for so short a time.
      await sleep(2);
    }
  }
}
