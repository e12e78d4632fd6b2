import { readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TarEntry } from './tar.ts';

/**
 * The entries of a layer from a folder of this machine. Modes are what an image needs and not what the machine's umask
 * gave: directories 0755, files 0644, or 0755 when their owner may run them. Sockets and devices are left out.
 */
export interface FolderOptions {
  /** Where the folder's content goes in the image: `/app/dist`; `''` for the root. */
  readonly at: string;
  readonly uid?: number;
  readonly gid?: number;
  /** By path within the folder, with forward slashes; a directory that is not wanted is not entered. */
  readonly wanted?: (path: string, isDirectory: boolean) => boolean;
}

export async function folderEntries(folder: string, options: FolderOptions): Promise<TarEntry[]> {
  const owner = { uid: options.uid ?? 0, gid: options.gid ?? 0 };
  const entries: TarEntry[] = [];
  async function visit(within: string): Promise<void> {
    for (const item of await readdir(join(folder, within), { withFileTypes: true })) {
      const relative = within === '' ? item.name : `${within}/${item.name}`;
      if (options.wanted?.(relative, item.isDirectory()) === false) continue;
      const path = `${options.at}/${relative}`;
      const source = join(folder, relative);
      if (item.isDirectory()) {
        entries.push({ path, content: { kind: 'directory' }, ...owner });
        await visit(relative);
      } else if (item.isSymbolicLink()) {
        entries.push({ path, content: { kind: 'link', target: await readlink(source) }, ...owner });
      } else if (item.isFile()) {
        const executable = ((await stat(source)).mode & 0o100) !== 0;
        entries.push({ path, content: { kind: 'file', source }, mode: executable ? 0o755 : 0o644, ...owner });
      }
    }
  }
  await visit('');
  return entries;
}
