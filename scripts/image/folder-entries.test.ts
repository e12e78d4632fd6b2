import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderEntries } from './folder-entries.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crisp-mcp-folder-'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/run'), '#!');
  await writeFile(join(folder, 'read.me'), 'words');
  await chmod(join(folder, 'bin/run'), 0o700);
  await chmod(join(folder, 'read.me'), 0o666);
  await symlink('bin/run', join(folder, 'shortcut'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('modes are what an image needs, whatever the machine gave', async () => {
  const entries = await folderEntries(folder, { at: '/opt' });
  const modes = Object.fromEntries(entries.map((entry) => [entry.path, entry.mode?.toString(8)]));
  expect(modes).toEqual({
    '/opt/bin': undefined,
    '/opt/bin/run': '755',
    '/opt/read.me': '644',
    '/opt/shortcut': undefined,
  });
  expect(entries.find((entry) => entry.path === '/opt/shortcut')?.content).toEqual({ kind: 'link', target: 'bin/run' });
});

test('what is not wanted is left out, and its directory not entered', async () => {
  const asked: string[] = [];
  const entries = await folderEntries(folder, {
    at: '',
    wanted: (path, isDirectory) => {
      asked.push(path);
      return !isDirectory;
    },
  });
  expect(entries.map((entry) => entry.path).sort()).toEqual(['/read.me', '/shortcut']);
  expect(asked).not.toContain('bin/run');
});
