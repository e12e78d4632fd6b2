/**
 * How long a process lives: until SIGTERM or SIGINT, or until {@link Lifetime.end} is called because something it cannot
 * live without is lost. A second signal ends it at once.
 */
export interface Lifetime {
  /** Resolves to the exit code when it is time to stop. */
  readonly over: Promise<number>;
  /** Aborted at the same moment. */
  readonly signal: AbortSignal;
  end(exitCode: number): void;
}

export function processLifetime(): Lifetime {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<number>();
  const end = (exitCode: number) => {
    controller.abort();
    resolve(exitCode);
  };
  let asked = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (asked) process.exit(name === 'SIGINT' ? 130 : 143);
      asked = true;
      end(0);
    });
  }
  return { over: promise, signal: controller.signal, end };
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
