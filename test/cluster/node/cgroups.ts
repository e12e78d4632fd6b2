import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CGROUP } from './layout.ts';

/**
 * The node's cgroups: one in each hierarchy of the first version, or one in the second version's only hierarchy. kubelet
 * wants its root to be there before it starts.
 */
const ROOT = '/sys/fs/cgroup';
const CONTROLLERS = ['cpuset', 'cpu', 'memory', 'pids'];

export async function createCgroups(root = ROOT): Promise<void> {
  if (await isThere(join(root, 'cgroup.controllers'))) {
    const enabled = CONTROLLERS.map((name) => `+${name}`).join(' ');
    await writeFile(join(root, 'cgroup.subtree_control'), enabled);
    await mkdir(join(root, CGROUP), { recursive: true });
    await writeFile(join(root, CGROUP, 'cgroup.subtree_control'), enabled);
    return;
  }
  for (const hierarchy of await hierarchies(root)) {
    const folder = join(hierarchy, CGROUP);
    await mkdir(folder, { recursive: true });
    // A new cpuset is empty, and nothing can run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (await isThere(join(folder, file))) {
        await writeFile(join(folder, file), await readFile(join(hierarchy, file), 'utf8'));
      }
    }
  }
}

/** Waits for the last process to be gone, for a cgroup with one in it cannot be removed. Returns what is left. */
export async function removeCgroups(root = ROOT): Promise<string[]> {
  const left: string[] = [];
  for (const hierarchy of [root, join(root, 'unified'), ...(await hierarchies(root))]) {
    const folder = join(hierarchy, CGROUP);
    for (let attempt = 0; attempt < 100 && (await isThere(folder)); attempt += 1) {
      if (attempt > 0) await sleep(100);
      await removeTree(folder);
    }
    if (await isThere(folder)) left.push(folder);
  }
  return left;
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder).catch(() => {});
}

async function hierarchies(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const folder = join(root, entry.name);
    // Of the first version each is a folder of its own; a link is another name of one.
    if (entry.isDirectory() && entry.name !== 'unified' && (await isThere(join(folder, 'release_agent'))))
      found.push(folder);
  }
  return found;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
