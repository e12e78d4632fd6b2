import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PAUSE_IMAGE } from '../images/system-images.ts';
import { CGROUP, DNS_SERVICE, NODE_ADDRESS, NODE_NAME, type NodeLayout, POD_RANGE } from './layout.ts';

/**
 * The configuration files of the node's daemons. What is unusual in them makes up for what a machine may lack: cgroups of
 * the first version are accepted, and where root may not lower the OOM score of a process, containers start all the same.
 */
export interface ConfigurationOptions {
  readonly runc: string;
  readonly networkPlugins: string;
}

/** Overlays cannot be stacked: in a container the state folder may lie on one already. */
const OVERLAY_FILE_SYSTEM = 0x794c7630;

export async function writeConfiguration(layout: NodeLayout, options: ConfigurationOptions): Promise<void> {
  for (const folder of ['configuration', 'network', 'run', 'logs', 'manifests', 'volumes']) {
    await mkdir(join(layout.state, folder), { recursive: true });
  }
  const { type } = await statfs(layout.state);
  const snapshotter = type === OVERLAY_FILE_SYSTEM ? 'native' : 'overlayfs';
  await writeFile(layout.configuration('containerd.toml'), containerd(layout, options, snapshotter));
  await writeFile(join(layout.state, 'network/10-bridge.conflist'), JSON.stringify(network(layout)));
  await writeFile(layout.configuration('kubelet.yaml'), stringify(kubelet(layout)));
  await writeFile(layout.configuration('proxy.yaml'), stringify(proxy(layout)));
  // Names outside of the cluster are nobody's business here: no resolver is handed on to Pods.
  await writeFile(layout.configuration('resolv.conf'), '');
}

/** The second version of the format: containerd 1.6 reads no newer one, and 2.x converts it. */
function containerd(layout: NodeLayout, { runc, networkPlugins }: ConfigurationOptions, snapshotter: string): string {
  return `version = 2
root = '${layout.state}/containerd'
state = '${layout.run}/containerd'
[grpc]
  address = '${layout.containerdSocket}'
[plugins.'io.containerd.internal.v1.opt']
  path = '${layout.state}/opt'
[plugins.'io.containerd.grpc.v1.cri']
  sandbox_image = '${PAUSE_IMAGE}'
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins.'io.containerd.grpc.v1.cri'.containerd]
    snapshotter = '${snapshotter}'
  [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
      BinaryName = '${runc}'
      SystemdCgroup = false
      Root = '${layout.run}/runc'
  [plugins.'io.containerd.grpc.v1.cri'.cni]
    bin_dir = '${networkPlugins}'
    conf_dir = '${layout.state}/network'
`;
}

/** Pods reach each other and the host, and nothing beyond: there is no address translation. */
function network(layout: NodeLayout): object {
  const ipam = { type: 'host-local', dataDir: join(layout.run, 'addresses'), ranges: [[{ subnet: POD_RANGE }]] };
  return {
    cniVersion: '1.0.0',
    name: NODE_NAME,
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods0',
        isGateway: true,
        isDefaultGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam,
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubelet(layout: NodeLayout): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${CGROUP}`,
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(layout.keys, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(layout.keys, 'kubelet-server.crt'),
    tlsPrivateKeyFile: join(layout.keys, 'kubelet-server.key'),
    clusterDomain: 'cluster.local',
    clusterDNS: [DNS_SERVICE],
    resolvConf: layout.configuration('resolv.conf'),
    staticPodPath: join(layout.state, 'manifests'),
    failSwapOn: false,
    serializeImagePulls: false,
    // Images come by hand and must stay: nothing could fetch them again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    imageMinimumGCAge: '24h',
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
    nodeStatusUpdateFrequency: '5s',
    syncFrequency: '10s',
  };
}

function proxy(layout: NodeLayout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: layout.kubeconfig('proxy') },
    clusterCIDR: POD_RANGE,
    hostnameOverride: NODE_NAME,
    // The limits of connection tracking are the machine's, not the node's.
    conntrack: { maxPerCore: 0, min: 0 },
    nodePortAddresses: [`${NODE_ADDRESS}/32`],
    nftables: { minSyncPeriod: '0s' },
  };
}
