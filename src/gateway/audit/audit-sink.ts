/**
 * Where audit records go. `write` resolves once the records are out of this process and rejects when that is not known;
 * the same ones are then written again, so a sink may deliver twice but never loses one silently. With no records it
 * finds out whether it could write. Writes do not overlap.
 */
export interface AuditSink {
  write(records: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The part of a writable stream that is needed, such as `process.stdout`. */
export interface AuditOutput {
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/** Lines on a stream. Whoever owns the stream hears of its errors as well and must bear with them. */
export function createOutputSink(output: AuditOutput): AuditSink {
  return {
    write: (records) =>
      records.length === 0
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            output.write(`${records.join('\n')}\n`, (error) => (error ? reject(error) : resolve()));
          }),
    close: () => Promise.resolve(),
  };
}
