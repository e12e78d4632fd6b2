import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { outputFolder } from '../harness/run-folder.ts';

/** Saves the logs of the cluster's own daemons, which go with the cluster. */
const LARGEST_LOG = 20_000_000;

export async function saveDaemonLogs(cluster: TestCluster): Promise<void> {
  if (cluster.logsFolder === undefined) return;
  const target = join(outputFolder(), 'pods/daemons');
  await mkdir(target, { recursive: true });
  for (const name of await readdir(cluster.logsFolder).catch(() => [])) {
    const file = join(cluster.logsFolder, name);
    if ((await stat(file)).size <= LARGEST_LOG) await cp(file, join(target, name));
  }
}
