import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { productionPackages } from './production-packages.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'crisp-mcp-packages-'));
  await locked({
    '': { version: '0.0.0' },
    'node_modules/a': { version: '1.0.0', license: 'MIT', integrity: 'sha512-x' },
    'node_modules/a/node_modules/@b/c': { version: '2.0.0', license: 'ISC' },
    'node_modules/tool': { version: '1.0.0', dev: true },
    'node_modules/@types/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  });
  await installed('node_modules/a', { name: 'a', version: '1.0.0' });
  await installed('node_modules/a/node_modules/@b/c', { name: '@b/c', version: '2.0.0' });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function locked(packages: Record<string, object>): Promise<void> {
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

async function installed(path: string, content: object): Promise<void> {
  await mkdir(join(root, path), { recursive: true });
  await writeFile(join(root, path, 'package.json'), JSON.stringify(content));
}

test('no development dependencies, no types, nothing optional that is for other platforms', async () => {
  expect(await productionPackages(root)).toEqual([
    { name: 'a', version: '1.0.0', license: 'MIT', path: 'node_modules/a', integrity: 'sha512-x' },
    { name: '@b/c', version: '2.0.0', license: 'ISC', path: 'node_modules/a/node_modules/@b/c', integrity: undefined },
  ]);
});

test('another version than the lock file says is refused, with the remedy', async () => {
  await installed('node_modules/a', { name: 'a', version: '1.0.1' });
  await expect(productionPackages(root)).rejects.toThrow(
    'node_modules/a is 1.0.1; the lock file says 1.0.0. Remedy: npm ci',
  );
});

test('a missing package is refused as well', async () => {
  await rm(join(root, 'node_modules/a/node_modules'), { recursive: true });
  await expect(productionPackages(root)).rejects.toThrow('is not installed');
});
