import { execFile } from 'node:child_process';
import { access, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TarEntry } from './tar.ts';

/**
 * The shared libraries that a program of this machine loads, as entries at the very paths where its loader found them. Uses
 * `ldd`, so the program must be one of this machine's architecture and C library.
 */
export interface LibraryOptions {
  /** Folders that hold libraries beside the system's; what is found in one goes to the folder of the C library. */
  readonly searched?: readonly string[];
}

/** Loaded at run time by old C libraries, so that `ldd` does not list them; newer ones have them inside. */
const NAME_RESOLUTION = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

export async function sharedLibraries(program: string, { searched = [] }: LibraryOptions = {}): Promise<TarEntry[]> {
  const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: searched.join(':') };
  const { stdout } = await promisify(execFile)('ldd', [program], { env, timeout: 30_000 });
  const missing = [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1]);
  if (missing.length > 0) throw new Error(`${program} needs libraries that are not installed: ${missing.join(', ')}`);
  const found = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].flatMap((match) => match[1] ?? []);
  const libc = found.find((path) => path.endsWith('/libc.so.6'));
  if (libc === undefined) throw new Error(`${program} is not a program for the GNU C library of this machine`);
  const system = dirname(libc);
  const entries = new Map<string, TarEntry>();
  const add = async (path: string): Promise<void> => {
    const foreign = searched.some((folder) => path.startsWith(`${folder}/`));
    const target = foreign ? join(system, path.slice(path.lastIndexOf('/') + 1)) : path;
    entries.set(target, { path: target, content: { kind: 'file', source: await realpath(path) }, mode: 0o755 });
  };
  for (const path of found) await add(path);
  for (const name of NAME_RESOLUTION) {
    const path = join(system, name);
    if (await exists(path)) await add(path);
  }
  return [...entries.values()];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
