import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_NAME, type NodeLayout } from './layout.ts';

/** A default StorageClass and ready volumes, for StatefulSets. A volume serves once: what it held stays in it. */
const VOLUMES = 24;

export async function storageManifests(layout: NodeLayout): Promise<object[]> {
  const className = 'local';
  const volumes: object[] = [];
  for (let number = 0; number < VOLUMES; number += 1) {
    const path = join(layout.volumes, String(number));
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
    const onThisNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] };
    volumes.push({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `local-${number}` },
      spec: {
        capacity: { storage: '8Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: className,
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onThisNode] }] } },
      },
    });
  }
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: className, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  return [storageClass, ...volumes];
}
