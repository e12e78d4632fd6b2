import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../bootstrap/lock.mjs';
import { say, withProgress } from '../bootstrap/progress.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { cacheHome, isProgram } from './find.ts';

/**
 * The programs of a Linux distribution that a node needs: the container runtime, network plugins and packet filters.
 * What the machine has is used; what it lacks is fetched by apt-get (which checks its signatures) and unpacked into the
 * cache: nothing is installed, nothing is started, and nothing on the machine changes.
 */
export interface SystemPrograms {
  /** Folders to look in, before those of the PATH. */
  readonly folders: readonly string[];
  /** What the unpacked programs need to find their libraries. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of the network plugins. */
  readonly networkPlugins: string;
}

/** The program by which one sees that a package is there, and the package. */
const PACKAGES: readonly (readonly [program: string, debian: string])[] = [
  ['containerd-shim-runc-v2', 'containerd'],
  ['runc', 'runc'],
  ['host-local', 'containernetworking-plugins'],
  ['nft', 'nftables'],
  ['iptables', 'iptables'],
  ['ipset', 'ipset'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['openssl', 'openssl'],
];
const PLUGIN_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];

export async function findSystemPrograms(environment: NodeJS.ProcessEnv = process.env): Promise<SystemPrograms> {
  const places = [...(environment.PATH ?? '').split(':').filter(Boolean), '/usr/sbin', '/sbin', ...PLUGIN_FOLDERS];
  const missing: string[] = [];
  for (const [program, debian] of PACKAGES) if (!(await isInOneOf(places, program))) missing.push(debian);
  const unpacked = missing.length === 0 ? undefined : await unpack(missing, places, environment);
  const plugins = [...(unpacked === undefined ? [] : [join(unpacked, 'usr/lib/cni')]), ...PLUGIN_FOLDERS];
  const networkPlugins = await firstAsync(plugins, (folder) => isProgram(join(folder, 'host-local')));
  if (networkPlugins === undefined) throw new SetupError(`The network plugins are in none of ${plugins.join(', ')}.`);
  if (unpacked === undefined) return { folders: ['/usr/sbin', '/sbin'], environment: {}, networkPlugins };
  const libraries = (await readdir(join(unpacked, 'usr/lib'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && entry.name.includes('linux-gnu'))
    .map((entry) => join(unpacked, 'usr/lib', entry.name));
  return {
    folders: [...['alternatives', 'usr/sbin', 'usr/bin'].map((name) => join(unpacked, name)), '/usr/sbin', '/sbin'],
    environment: {
      LD_LIBRARY_PATH: libraries.join(':'),
      ...(missing.includes('iptables')
        ? { XTABLES_LIBDIR: libraries.map((folder) => `${folder}/xtables`).join(':') }
        : {}),
    },
    networkPlugins,
  };
}

async function unpack(
  missing: readonly string[],
  places: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (!(await isInOneOf(places, 'apt-get')) || !(await isInOneOf(places, 'dpkg'))) {
    throw new SetupError(
      `A node of Kubernetes on this machine needs the packages ${missing.join(', ')}, and there is no apt-get to fetch them with.\n` +
        `Remedy: install them with the machine's own package manager.`,
    );
  }
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const hash = createHash('sha256')
    .update(system)
    .update(JSON.stringify([...missing].sort()));
  const key = `packages-${process.arch}-${hash.digest('hex').slice(0, 12)}`;
  const folder = join(cacheHome(environment), 'crisp-mcp-operator', 'binaries', key);
  const partial = `${folder}.part`;
  const onWait = (seconds: number): void => say(`Another run is fetching packages ... ${seconds} s`);
  await withLock(
    `${folder}.lock`,
    async () => {
      if (await isThere(folder)) return;
      await withProgress(
        `Fetching the packages ${missing.join(', ')} (unpacked into the cache, not installed)`,
        async () => {
          await rm(partial, { recursive: true, force: true });
          await fetchAndUnpack(missing, partial);
        },
      );
      await rename(partial, folder);
    },
    { onWait },
  );
  return folder;
}

async function fetchAndUnpack(packages: readonly string[], folder: string): Promise<void> {
  const archives = join(folder, 'archives');
  await mkdir(archives, { recursive: true });
  const names = await withDependencies(packages).catch(async () => {
    await apt(archives, 'update', '-qq');
    return await withDependencies(packages);
  });
  try {
    await apt(archives, '-qq', '-o', 'APT::Sandbox::User=root', 'download', ...names);
  } catch {
    // The lists know a version that the mirror has replaced since.
    await apt(archives, 'update', '-qq');
    await apt(archives, '-qq', '-o', 'APT::Sandbox::User=root', 'download', ...(await withDependencies(packages)));
  }
  for (const file of await readdir(archives)) await run('dpkg', ['-x', join(archives, file), folder]);
  await rm(archives, { recursive: true });
  await linkIptables(folder);
}

/** With all that they need and the machine does not have. */
async function withDependencies(packages: readonly string[]): Promise<string[]> {
  const { stdout } = await run('apt-get', ['install', '--print-uris', '-qq', '--no-install-recommends', ...packages]);
  const names = [...stdout.matchAll(/^'[^']*' ([^_\s]+)_/gm)].map((match) => match[1] ?? '');
  if (names.length === 0) throw new SetupError(`apt-get knows nothing of ${packages.join(', ')}.`);
  return names;
}

async function apt(folder: string, ...argv: string[]): Promise<void> {
  try {
    await run('apt-get', argv, folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(
      `apt-get could not fetch packages that a node of Kubernetes needs: ${reason}\n` +
        `Remedy: check the package mirror (apt-get update), or install containerd, runc, containernetworking-plugins, nftables, iptables and ipset.`,
    );
  }
}

/** Debian names the two kinds of iptables by links that only an installation makes. */
async function linkIptables(folder: string): Promise<void> {
  if (!(await isThere(join(folder, 'usr/sbin/xtables-nft-multi')))) return;
  const links = join(folder, 'alternatives');
  await mkdir(links);
  for (const family of ['iptables', 'ip6tables']) {
    for (const suffix of ['', '-save', '-restore']) {
      await symlink('../usr/sbin/xtables-nft-multi', join(links, `${family}${suffix}`));
    }
  }
}

async function run(program: string, argv: readonly string[], cwd = '/'): Promise<{ stdout: string }> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return await promisify(execFile)(program, argv, { cwd, env, timeout: 300_000, maxBuffer: 16_000_000 });
}

async function isInOneOf(folders: readonly string[], program: string): Promise<boolean> {
  return (await firstAsync(folders, (folder) => isProgram(join(folder, program)))) !== undefined;
}

async function firstAsync(
  items: readonly string[],
  holds: (item: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const item of items) if (await holds(item)) return item;
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return isProgram(path);
}
