import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findClients, prepareClients } from './clients.ts';

async function emptyCache() {
  const cache = await mkdtemp(join(tmpdir(), 'crisp-mcp-clients-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  return { environment: { XDG_CACHE_HOME: cache }, say: () => undefined };
}

test('the clients are installed once, from the pinned lock file', async () => {
  const options = await emptyCache();
  const installed: unknown[] = [];
  const install = async (folder: string) => {
    installed.push(JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')).name);
    await mkdir(join(folder, 'node_modules'));
  };
  expect(await findClients(options)).toBeUndefined();
  const [one, other] = await Promise.all([
    prepareClients({ ...options, install }),
    prepareClients({ ...options, install }),
  ]);
  expect([one, await findClients(options)]).toEqual([other, one]);
  expect(installed).toEqual(['crisp-mcp-test-clients']);
});

test('an install that failed leaves nothing that looks like one', async () => {
  const options = await emptyCache();
  const install = async (folder: string) => {
    await mkdir(join(folder, 'node_modules'));
    throw new Error('the registry is out of reach');
  };
  await expect(prepareClients({ ...options, install })).rejects.toThrow('out of reach');
  expect(await findClients(options)).toBeUndefined();
});
