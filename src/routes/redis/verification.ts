/**
 * The mark that a leader leaves when it has rebuilt the store: `<epoch> <run id>`. It holds only in the Redis process
 * that it names. A copy of it, in a dump or on a replica, therefore proves nothing to whoever reads it elsewhere.
 */
export function isVerifiedIn(runId: string, mark: string | null | undefined): boolean {
  const [, named] = /^\d+ ([0-9a-f]+)$/.exec(mark ?? '') ?? [];
  return named !== undefined && named === runId;
}
