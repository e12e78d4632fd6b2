import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TarEntry } from './tar.ts';

/** Writes the entries of a layer into a folder, with their modes whatever the umask; owners are whoever runs this. */
export async function writeEntries(entries: readonly TarEntry[], folder: string): Promise<void> {
  for (const { path, content, mode } of entries) {
    const target = `${folder}${path}`;
    await mkdir(dirname(target), { recursive: true });
    if (content.kind === 'directory') {
      await mkdir(target, { recursive: true });
      await chmod(target, mode ?? 0o755);
    } else if (content.kind === 'link') {
      await symlink(content.target, target);
    } else {
      if (content.kind === 'file') await copyFile(content.source, target);
      else await writeFile(target, content.text);
      await chmod(target, mode ?? 0o644);
    }
  }
}
