import { createKubernetesObjectApi } from '../../src/kubernetes/kubernetes-object-api.ts';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { sharedCluster } from '../harness/cluster.ts';
import { describeControllerParts } from './controller-parts-suite.ts';

describeControllerParts('the Kubernetes API', async () => {
  const cluster = sharedCluster();
  const rate = { perSecond: 1000, burst: 1000 };
  const api = createKubernetesObjectApi({
    kubeconfig: cluster.kubeconfig,
    clock: systemClock,
    logger: silentLogger,
    rate,
  });
  return { api, freshNamespace: () => cluster.freshNamespace('conformance'), close: () => api.close() };
});
