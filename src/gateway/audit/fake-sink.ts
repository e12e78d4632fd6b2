import type { AuditSink } from './audit-sink.ts';

/** Keeps what it is given; a test lets it fail or hang. For tests. */
export class FakeSink implements AuditSink {
  readonly lines: string[] = [];
  writes = 0;
  closed = false;
  failure: Error | undefined;
  #held: (() => void)[] | undefined;

  get records(): Record<string, unknown>[] {
    return this.lines.map((line): Record<string, unknown> => JSON.parse(line));
  }

  /** From now on writes hang until {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  async write(records: readonly string[]): Promise<void> {
    this.writes++;
    if (this.#held !== undefined) await new Promise<void>((resolve) => this.#held?.push(resolve));
    if (this.failure !== undefined) throw this.failure;
    this.lines.push(...records);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
