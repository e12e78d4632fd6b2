import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries `attempt` until it no longer throws, and returns its value. Fails after `timeout` with the last error, saying what
 * was waited for and how long. The way to wait in tests: a bound instead of a sleep.
 */
export interface EventuallyOptions {
  /** Milliseconds; 20 s unless told. */
  timeout?: number;
  /** Milliseconds between attempts; 25 unless told. */
  interval?: number;
  /** What is waited for, for the failure's message. */
  what?: string;
}

export async function eventually<T>(attempt: () => Promise<T> | T, options: EventuallyOptions = {}): Promise<T> {
  const { timeout = 20_000, interval = 25, what = 'the condition' } = options;
  const started = performance.now();
  let attempts = 0;
  for (;;) {
    attempts += 1;
    try {
      return await attempt();
    } catch (error) {
      const waited = performance.now() - started;
      if (waited >= timeout) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${what} did not come true within ${timeout} ms (${attempts} attempts); at last: ${reason}`, {
          cause: error,
        });
      }
    }
    await sleep(interval);
  }
}
