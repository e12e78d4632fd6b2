import { join } from 'node:path';
import { cacheHome, findBinaries } from '../../scripts/binaries/find.ts';
import { SetupError } from '../../scripts/bootstrap/setup-error.mjs';
import { givenCluster } from './given-cluster.ts';
import { kindCluster } from './kind-cluster.ts';
import { singleNode } from './node/single-node.ts';
import type { TestCluster } from './test-cluster.ts';

/**
 * Which cluster the tests run on: the one that `CRISP_MCP_TEST_KUBECONFIG` names; else the kind that
 * `CRISP_MCP_TEST_CLUSTER` says (`kind` or `node`); else kind's where a container engine answers; else the machine's node.
 * `KUBECONFIG` is not asked: it may well name a cluster that people work on.
 */
export interface ChooseOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

export async function chooseCluster({ environment = process.env, say }: ChooseOptions): Promise<TestCluster> {
  const { CRISP_MCP_TEST_KUBECONFIG: kubeconfig, CRISP_MCP_TEST_CLUSTER: wanted } = environment;
  if (kubeconfig) return givenCluster(kubeconfig, async () => (await findBinaries()).kubectl);
  const state = stateFolder(environment);
  const kind = kindCluster({ state: join(state, 'kind'), say, environment });
  const node = singleNode({ state: join(state, 'node'), say });
  if (wanted === 'kind') return kind;
  if (wanted === 'node') return node;
  if (wanted) {
    throw new SetupError(
      `CRISP_MCP_TEST_CLUSTER is "${wanted}", and there are two kinds: kind, node.\n` +
        'Remedy: unset it, or name a cluster of your own: CRISP_MCP_TEST_KUBECONFIG=/path/kubeconfig',
    );
  }
  return (await kind.whyNot()) === undefined ? kind : node;
}

export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.CRISP_MCP_TEST_CLUSTER_STATE || join(cacheHome(environment), 'crisp-mcp-operator', 'cluster');
}
