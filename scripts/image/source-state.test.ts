import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceState } from './source-state.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'crisp-mcp-source-'));
  const repository = { url: 'git+https://example.com/x.git' };
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ version: '1.2.3', description: 'd', license: 'Apache-2.0', repository }),
  );
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function git(...argv: string[]): Promise<string> {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
  };
  const identity = ['-c', 'user.name=n', '-c', 'user.email=e@example.com'];
  const { stdout } = await promisify(execFile)('git', ['-C', root, ...identity, ...argv], { env });
  return stdout.trim();
}

test('in a git checkout: the commit and its time', async () => {
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'first');
  expect(await sourceState(root, {})).toEqual({
    version: '1.2.3',
    description: 'd',
    license: 'Apache-2.0',
    source: 'https://example.com/x',
    revision: await git('rev-parse', 'HEAD'),
    epoch: Date.parse('2026-01-02T03:04:05Z') / 1000,
  });
});

test('with changes that are not committed, the revision says so', async () => {
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'first');
  const described = { version: '1.2.4', description: 'd', license: 'Apache-2.0', repository: { url: 'x' } };
  await writeFile(join(root, 'package.json'), JSON.stringify(described));
  expect((await sourceState(root, {})).revision).toMatch(/^[0-9a-f]{40}-dirty$/);
});

test('SOURCE_DATE_EPOCH decides, and is checked', async () => {
  expect((await sourceState(root, { SOURCE_DATE_EPOCH: '42' })).epoch).toBe(42);
  await expect(sourceState(root, { SOURCE_DATE_EPOCH: 'yesterday' })).rejects.toThrow();
});

test('outside a git checkout there is no revision', async () => {
  // Git may find a checkout further up; a folder for temporary files lies in none.
  expect(await sourceState(root, {})).toMatchObject({ revision: undefined, epoch: 0 });
});
