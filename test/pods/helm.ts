import { join } from 'node:path';
import { CHART, runHelm } from '../../scripts/chart/render.ts';
import { scratchFolder } from '../harness/run-folder.ts';
import { cluster } from './people.ts';

/** Helm on the cluster of the run, with folders of its own: what a person has in theirs changes nothing. */
export async function helm(argv: readonly string[], values?: object): Promise<string> {
  const folder = join(scratchFolder(), 'helm');
  const env = {
    KUBECONFIG: cluster.kubeconfig,
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
  };
  return await runHelm(values === undefined ? argv : [...argv, '--values', '-'], JSON.stringify(values ?? {}), env);
}

export { CHART };
