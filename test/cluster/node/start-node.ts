import { readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodePrograms } from '../../../scripts/binaries/node-programs.ts';
import type { SystemPrograms } from '../../../scripts/binaries/packages.ts';
import { eventually } from '../../harness/eventually.ts';
import { systemImages } from '../images/system-images.ts';
import { CannotRunHere } from '../test-cluster.ts';
import { createCertificates } from './certificates.ts';
import { createCgroups } from './cgroups.ts';
import { type Commands, createCommands } from './commands.ts';
import { writeConfiguration } from './configuration.ts';
import { type Daemon, nodeDaemons } from './daemons.ts';
import { inNode, startHolder } from './holder.ts';
import {
  HOST_ADDRESS,
  HOST_INTERFACE,
  NODE_ADDRESS,
  NODE_NAME,
  type NodeLayout,
  POD_RANGE,
  SERVICE_RANGE,
} from './layout.ts';
import { addressesTaken } from './preconditions.ts';
import { storageManifests } from './storage.ts';
import { saveSysctls } from './sysctls.ts';

/**
 * Starts the node in the order in which its parts need each other: namespaces, the cable to the host, the container
 * runtime, the control plane, kubelet, DNS. What fails in the middle is for the caller to clean up.
 */
const COREDNS = fileURLToPath(new URL('manifests/coredns.yaml', import.meta.url));

export async function startNode(
  layout: NodeLayout,
  programs: NodePrograms,
  system: SystemPrograms,
  say: (line: string) => void,
): Promise<void> {
  const commands = createCommands(system.folders, system.environment);
  const which = async (program: string): Promise<string> =>
    (await commands.run('sh', ['-c', `command -v ${program}`])).trim();
  const taken = await addressesTaken(commands);
  if (taken !== undefined) throw new CannotRunHere(taken);

  await writeConfiguration(layout, { runc: await which('runc'), networkPlugins: system.networkPlugins });
  await createCertificates(layout, await which('openssl'));
  await saveSysctls(layout.sysctls);
  await createCgroups();
  const holder = await startHolder(layout, commands);
  await connect(commands, holder);
  say('namespaces and network');

  const daemons = nodeDaemons(layout, programs, await which('containerd'));
  const run = (daemon: Daemon): void => {
    commands.start(inNode(holder, daemon.argv), join(layout.logs, `${daemon.name}.log`));
  };
  const kubectl = (argv: readonly string[], input = ''): Promise<string> =>
    commands.run(programs.kubectl, ['--kubeconfig', layout.kubeconfig('admin'), ...argv], { input });

  run(daemons.containerd);
  run(daemons.etcd);
  run(daemons.apiServer);
  // Images first: a Pod whose image is not there backs off for ten seconds.
  const images = systemImages(programs);
  images.catch(() => {});
  const ctr = ['ctr', '-a', layout.containerdSocket, 'version'];
  await eventually(() => commands.run('nsenter', inNode(holder, ctr).slice(1)), { ...SLOW, what: 'containerd' });
  await importImages(layout, { holder, commands }, await images);
  await eventually(() => kubectl(['get', '--raw', '/readyz']), { ...SLOW, what: 'the API server' });
  say('API server');
  for (const daemon of [daemons.controllerManager, daemons.scheduler, daemons.kubelet, daemons.proxy]) run(daemon);
  await eventually(() => kubectl(['wait', '--for=condition=Ready', '--timeout=5s', `node/${NODE_NAME}`]), {
    ...SLOW,
    what: 'the node being Ready',
  });
  say('node Ready');
  const storage = { apiVersion: 'v1', kind: 'List', items: await storageManifests(layout) };
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(storage));
  await kubectl(['apply', '--server-side', '-f', '-'], await readFile(COREDNS, 'utf8'));
  run(daemons.networkPolicies);
  await eventually(() => kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=20s']), {
    ...SLOW,
    what: 'the DNS',
  });
  say('DNS Ready');
  await writeFile(layout.complete, '');
}

const SLOW = { timeout: 180_000, interval: 200 };

/** One cable from the host to the node, and routes to what is in it. */
async function connect(commands: Commands, holder: number): Promise<void> {
  const onHost = (...argv: string[]): Promise<string> => commands.run('ip', argv);
  const onNode = (...argv: string[]): Promise<string> =>
    commands.run('nsenter', inNode(holder, ['ip', ...argv]).slice(1));
  await onHost('link', 'add', HOST_INTERFACE, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder));
  await onHost('address', 'add', `${HOST_ADDRESS}/30`, 'dev', HOST_INTERFACE);
  await onHost('link', 'set', HOST_INTERFACE, 'up');
  await onNode('address', 'add', `${NODE_ADDRESS}/30`, 'dev', 'eth0');
  await onNode('link', 'set', 'eth0', 'up');
  for (const range of [POD_RANGE, SERVICE_RANGE])
    await onHost('route', 'add', range, 'via', NODE_ADDRESS, 'dev', HOST_INTERFACE);
  // Services have addresses that no route names; without one the kernel would refuse before kube-proxy sees the packet.
  await onNode('route', 'add', 'unreachable', 'default', 'metric', '9999');
}

/** What running something in the node takes. */
export interface Inside {
  readonly holder: number;
  readonly commands: Commands;
}

/** Makes images of archives known to the node's container runtime. */
export async function importImages(
  layout: NodeLayout,
  { holder, commands }: Inside,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    const argv = ['ctr', '-a', layout.containerdSocket, '-n', 'k8s.io', 'images', 'import', await realpath(file)];
    await commands.run('nsenter', inNode(holder, argv).slice(1), { timeout: 180_000 });
  }
}
