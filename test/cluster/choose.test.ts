import { describe, expect, test } from 'vitest';
import { chooseCluster } from './choose.ts';

const say = (): void => {};

describe('the cluster is', () => {
  test('the one that CRISP_MCP_TEST_KUBECONFIG names, before all else', async () => {
    const environment = { CRISP_MCP_TEST_KUBECONFIG: '/my/config', CRISP_MCP_TEST_CLUSTER: 'node', HOME: '/tmp' };
    const cluster = await chooseCluster({ environment, say });
    expect(cluster).toMatchObject({ kind: 'kubeconfig', kubeconfig: '/my/config' });
  });

  test.each(['kind', 'node'] as const)('%s when CRISP_MCP_TEST_CLUSTER says so', async (kind) => {
    const environment = { CRISP_MCP_TEST_CLUSTER: kind, CRISP_MCP_TEST_CLUSTER_STATE: '/var/tmp/x' };
    const cluster = await chooseCluster({ environment, say });
    expect(cluster).toMatchObject({ kind, kubeconfig: `/var/tmp/x/${kind}/kubeconfig` });
  });

  test('never the one of KUBECONFIG, which may be in use', async () => {
    const environment = { KUBECONFIG: '/theirs', CRISP_MCP_TEST_CLUSTER: 'node', HOME: '/tmp' };
    expect((await chooseCluster({ environment, say })).kubeconfig).not.toBe('/theirs');
  });
});

test('a kind that does not exist is refused with those that do', async () => {
  const environment = { CRISP_MCP_TEST_CLUSTER: 'minikube', HOME: '/tmp' };
  await expect(chooseCluster({ environment, say })).rejects.toThrow(/"minikube".*kind, node.*Remedy/s);
});

test('a state folder whose path is too long for sockets is refused', async () => {
  const environment = { CRISP_MCP_TEST_CLUSTER: 'node', CRISP_MCP_TEST_CLUSTER_STATE: `/${'x'.repeat(80)}` };
  await expect(chooseCluster({ environment, say })).rejects.toThrow(/too long.*CRISP_MCP_TEST_CLUSTER_STATE/s);
});
