import type { Redis } from 'ioredis';

/**
 * The mark that a leader leaves when it has rebuilt the store: `<epoch> <instance>`. An instance is a Redis process in one
 * uninterrupted mastership: its run id, new with each start, and its replication id, new with each promotion. A copy of
 * the mark, in a dump or on a replica, therefore proves nothing to whoever reads it elsewhere, nor does one that a master
 * still holds when it becomes master again. (The replication id also changes when a first replica is attached, and an
 * hour after the last one was lost; then the store is rebuilt once more.)
 */
export interface Instance {
  readonly id: string;
  readonly isReplica: boolean;
}

export async function readInstance(client: Redis): Promise<Instance> {
  const [server, replication] = await Promise.all([client.info('server'), client.info('replication')]);
  const runId = /^run_id:([0-9a-f]+)\r?$/m.exec(server)?.[1];
  if (runId === undefined) throw new Error('Redis does not tell its run id');
  const [, replicationId = ''] = /^master_replid:([0-9a-f]+)\r?$/m.exec(replication) ?? [];
  return { id: `${runId}-${replicationId}`, isReplica: /^role:slave\r?$/m.test(replication) };
}

export function isVerifiedIn(instance: string, mark: string | null | undefined): boolean {
  const [, named] = /^\d+ ([0-9a-f]+-[0-9a-f]*)$/.exec(mark ?? '') ?? [];
  return named !== undefined && named === instance;
}
