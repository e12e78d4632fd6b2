import { mkdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findNodePrograms } from '../../../scripts/binaries/node-programs.ts';
import { findSystemPrograms } from '../../../scripts/binaries/packages.ts';
import { withLock } from '../../../scripts/bootstrap/lock.mjs';
import { CannotRunHere, type TestCluster } from '../test-cluster.ts';
import { removeCgroups } from './cgroups.ts';
import { createCommands } from './commands.ts';
import { holderOf, inNode, killHolder } from './holder.ts';
import { CLAIM, HOST_INTERFACE, type NodeLayout, nodeLayout } from './layout.ts';
import { thisMachine, whyNoNode } from './preconditions.ts';
import { type Inside, importImages, startNode } from './start-node.ts';
import { restoreSysctls } from './sysctls.ts';

/**
 * A whole Kubernetes of one node with real Pods and without a container engine: Linux namespaces take the place of the
 * container that kind would use. The host reaches Pods and Services by two routes; Pods reach nothing beyond the host.
 * Guarantees: one node a machine; all it writes lies in its state folder, beside cgroups, one network interface and a link
 * in /run, and `down` removes these too, also after the node or this program was killed.
 */
export interface SingleNodeOptions {
  readonly state: string;
  readonly say: (line: string) => void;
}

export function singleNode({ state, say }: SingleNodeOptions): TestCluster {
  const layout = nodeLayout(state);
  /** One `up` or `down` at a time on a machine. */
  const alone = <T>(work: () => Promise<T>): Promise<T> =>
    withLock(`${CLAIM}.lock`, work, { staleAfter: 15_000, waitLimit: 15 * 60_000 });

  const inside = async (): Promise<Inside> => {
    const holder = await holderOf(layout);
    if (holder === undefined) throw new Error(`No node is up in ${state}.`);
    const system = await findSystemPrograms();
    return { holder, commands: createCommands(system.folders, system.environment) };
  };

  return {
    kind: 'node',
    kubeconfig: layout.kubeconfig('admin'),

    async whyNot() {
      return whyNoNode(await thisMachine());
    },

    async up() {
      const reason = whyNoNode(await thisMachine());
      if (reason !== undefined) throw new CannotRunHere(reason);
      const programs = await findNodePrograms();
      const system = await findSystemPrograms();
      await alone(async () => {
        if (await isComplete(layout)) return say('up already');
        await takeClaim(layout);
        try {
          await startNode(layout, programs, system, say);
        } catch (error) {
          // Its logs tell why, and go with the state folder.
          const words = await lastWords(layout);
          await stop(layout);
          if (error instanceof CannotRunHere) throw error;
          throw new Error(
            `The node did not start: ${error instanceof Error ? error.message : String(error)}\n${words}`,
          );
        }
      });
    },

    async loadImages(files) {
      await importImages(layout, await inside(), files);
    },

    async tagImage(name, other) {
      const { commands, holder } = await inside();
      const argv = ['ctr', '-a', layout.containerdSocket, '-n', 'k8s.io', 'images', 'tag', '--force', name, other];
      await commands.run('nsenter', inNode(holder, argv).slice(1));
    },

    async down() {
      if (whyNoNode(await thisMachine()) !== undefined) return;
      await alone(() => stop(layout));
    },

    async isUp() {
      return await isComplete(layout);
    },

    logsFolder: layout.logs,
  };
}

/** The link in /run that says whose node this machine runs. One that a dead node left is cleaned up after. */
async function takeClaim(layout: NodeLayout): Promise<void> {
  await mkdir(layout.state, { recursive: true, mode: 0o700 });
  const owner = await readlink(CLAIM).catch(() => undefined);
  if (owner !== undefined && owner !== (await realpath(layout.state))) {
    const other = nodeLayout(owner);
    if (await isComplete(other)) {
      throw new CannotRunHere(
        `a machine runs one such node, and one is up in ${owner}; to take it down: ` +
          `CRISP_MCP_TEST_CLUSTER_STATE=${dirname(owner)} CRISP_MCP_TEST_CLUSTER=node npm run cluster -- down`,
      );
    }
    await stop(other);
  }
  await stop(layout);
  await mkdir(layout.state, { recursive: true, mode: 0o700 });
  await symlink(await realpath(layout.state), CLAIM);
}

async function isComplete(layout: NodeLayout): Promise<boolean> {
  const marked = (await readFile(layout.complete, 'utf8').catch(() => undefined)) !== undefined;
  return marked && (await holderOf(layout)) !== undefined;
}

async function stop(layout: NodeLayout): Promise<void> {
  await killHolder(layout);
  if (await isClaimedByAnother(layout)) {
    await rm(layout.state, { recursive: true, force: true });
    return;
  }
  const system = await findSystemPrograms().catch(() => undefined);
  const commands = createCommands(system?.folders ?? []);
  // The kernel takes it away with the namespace, a moment later.
  await commands.run('ip', ['link', 'delete', HOST_INTERFACE]).catch(() => {});
  const left = await removeCgroups();
  await restoreSysctls(layout.sysctls);
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  if (mounts.includes(` ${layout.state}`)) throw new Error(`something is still mounted under ${layout.state}`);
  await rm(layout.state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  await rm(CLAIM, { force: true });
  if (left.length > 0) throw new Error(`these cgroups could not be removed: ${left.join(', ')}`);
}

/** The interface and the cgroups have one name a machine, and may be those of a node that runs. */
async function isClaimedByAnother(layout: NodeLayout): Promise<boolean> {
  const owner = await readlink(CLAIM).catch(() => undefined);
  if (owner === undefined || owner === (await realpath(layout.state).catch(() => layout.state))) return false;
  return (await holderOf(nodeLayout(owner))) !== undefined;
}

async function lastWords(layout: NodeLayout): Promise<string> {
  const names = ['holder', 'containerd', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kubelet', 'kube-proxy'];
  const tails = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(layout.logs, `${name}.log`), 'utf8').catch(() => '');
      const lines = text.trimEnd().split('\n').slice(-5);
      return text === '' ? [] : [`--- ${name}`, ...lines];
    }),
  );
  return tails.flat().join('\n');
}
