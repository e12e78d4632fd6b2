/**
 * How long a process lives: until SIGTERM or SIGINT, or until nobody reads what it prints any more, unless it does not
 * need that. A second signal ends it at once.
 */
export interface Lifetime {
  /** Resolves when it is time to stop. */
  readonly over: Promise<void>;
  /** Aborted at the same moment. */
  readonly signal: AbortSignal;
}

export function processLifetime({ needsStdout = true }: { needsStdout?: boolean } = {}): Lifetime {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
      controller.abort();
      resolve();
    });
  }
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (!needsStdout) return;
    if (error.code !== 'EPIPE') throw error;
    controller.abort();
    resolve();
  });
  return { over: promise, signal: controller.signal };
}

/** Closes parts one after the other, each whatever became of the ones before. */
export async function closeAll(parts: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of parts) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed');
}
