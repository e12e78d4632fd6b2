import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundledNode, nodeLicence } from './bundled-node.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the binary is of the version that its package says', async () => {
  const node = await bundledNode(ROOT);
  const { stdout } = await promisify(execFile)(node.program, ['--version'], { timeout: 20_000 });
  expect(stdout.trim()).toBe(`v${node.version}`);
});

test('the licence is the one that came with it', async () => {
  const platform = `node-${process.platform}-${process.arch}`;
  const places = [`node_modules/node/node_modules/${platform}`, `node_modules/${platform}`];
  const found = await Promise.all(
    places.map((place) => readFile(join(ROOT, place, 'LICENSE'), 'utf8').catch(() => '')),
  );
  const licence = await nodeLicence();
  expect(licence).toContain('Node.js is licensed for use as follows');
  for (const text of found.filter(Boolean)) expect(licence === text).toBe(true);
});

test('without it, the remedy is named', async () => {
  await expect(bundledNode('/nowhere')).rejects.toThrow('Remedy: npm ci');
});
