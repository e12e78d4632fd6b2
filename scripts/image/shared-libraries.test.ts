import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { sharedLibraries } from './shared-libraries.ts';

beforeEach((context) => {
  if (process.platform !== 'linux')
    context.skip('ldd is a program of Linux, and so are images made by `npm run image`');
});

test('of this Node: the C library, the loader and the C++ library, as files that exist', async () => {
  const names = (await sharedLibraries(process.execPath)).map((entry) => basename(entry.path));
  expect(names).toContain('libc.so.6');
  expect(names).toContain('libstdc++.so.6');
  expect(names.some((name) => name.startsWith('ld-linux-'))).toBe(true);
  expect(names.some((name) => name.includes('vdso'))).toBe(false);
});

test('a library of another folder goes to where the system keeps its own', async () => {
  const system = await sharedLibraries(process.execPath);
  const cpp = system.find((entry) => entry.path.endsWith('/libstdc++.so.6'));
  const libc = system.find((entry) => entry.path.endsWith('/libc.so.6'));
  if (cpp?.content.kind !== 'file') throw new Error('no libstdc++');
  const folder = await mkdtemp(join(tmpdir(), 'crisp-mcp-libraries-'));
  try {
    await copyFile(cpp.content.source, join(folder, 'libstdc++.so.6'));
    const entries = await sharedLibraries(process.execPath, { searched: [folder] });
    const moved = entries.find((entry) => entry.path.endsWith('/libstdc++.so.6'));
    expect(moved?.path).toBe(libc?.path.replace('libc.so.6', 'libstdc++.so.6'));
    expect(moved?.content).toMatchObject({ source: join(folder, 'libstdc++.so.6') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what is no program is refused', async () => {
  await expect(sharedLibraries(import.meta.filename)).rejects.toThrow();
});
