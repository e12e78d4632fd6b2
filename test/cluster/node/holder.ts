import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../harness/eventually.ts';
import type { Commands } from './commands.ts';
import { HOLDER_MARK, NODE_NAME, type NodeLayout } from './layout.ts';

/**
 * The process that holds the node's namespaces (pid, mount, net, uts, ipc), as the first process of a container does. The
 * node is up as long as it lives; to kill it is to end the whole node.
 */
const SCRIPT = fileURLToPath(new URL('holder.sh', import.meta.url));

export async function startHolder(layout: NodeLayout, commands: Commands): Promise<number> {
  const namespaces = ['--pid', '--mount', '--net', '--uts', '--ipc', '--mount-proc', '--propagation', 'private'];
  const outer = commands.start(
    ['unshare', '--fork', '--kill-child', ...namespaces, 'sh', SCRIPT, HOLDER_MARK, layout.state, NODE_NAME],
    join(layout.logs, 'holder.log'),
  );
  // The namespaces belong to the child that unshare forks.
  const pid = await eventually(() => childOf(outer), { timeout: 20_000, what: 'the holder of the namespaces' });
  await writeFile(layout.holder, String(pid));
  const ready = ['-t', String(pid), '-m', 'test', '-e', join(layout.run, 'ready')];
  const what = `the node's namespaces (${layout.logs}/holder.log)`;
  await eventually(() => commands.run('nsenter', ready), { timeout: 20_000, interval: 50, what });
  return pid;
}

/** The holder's process id, when it lives. */
export async function holderOf(layout: NodeLayout): Promise<number | undefined> {
  const pid = Number(await readFile(layout.holder, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return words.includes(HOLDER_MARK) && words.includes(layout.state) ? pid : undefined;
}

/** Kills every process of the node, and waits until the kernel has cleaned up after them. */
export async function killHolder(layout: NodeLayout): Promise<void> {
  const pid = await holderOf(layout);
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  for (let attempt = 0; attempt < 300 && (await holderOf(layout)) !== undefined; attempt += 1) await sleep(100);
  if ((await holderOf(layout)) !== undefined) throw new Error(`process ${pid}, which holds the node, does not end`);
}

/** The command line that runs something in the node. */
export function inNode(holder: number, argv: readonly string[]): string[] {
  return ['nsenter', '-t', String(holder), '-p', '-m', '-n', '-u', '-i', '--', ...argv];
}

async function childOf(parent: number): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The second field, the program's name, may hold anything but ends with the last parenthesis.
    const [, parentId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parentId) === parent) return Number(name);
  }
  throw new Error(`process ${parent} has no child`);
}
