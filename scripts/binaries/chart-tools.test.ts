import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChartTool, pinnedVersion } from './chart-tools.ts';
import { DownloadError } from './download.ts';

function cacheHome() {
  return mkdtempSync(join(tmpdir(), 'chart-tools-'));
}

const quiet = { say: () => {} };
const program = (path: string) => writeFile(path, '', { mode: 0o755 });

test('a program that is named is taken, and a wrong name is refused with the remedy', async () => {
  const folder = cacheHome();
  await program(join(folder, 'helm'));
  const environment = { CRISP_MCP_TEST_HELM: join(folder, 'helm') };
  expect(await findChartTool('helm', { environment })).toBe(join(folder, 'helm'));
  await expect(findChartTool('helm', { environment: { CRISP_MCP_TEST_HELM: join(folder, 'none') } })).rejects.toThrow(
    /not a program.*unset CRISP_MCP_TEST_HELM/s,
  );
});

test('the release is fetched once and found in the cache afterwards', async () => {
  const environment = { XDG_CACHE_HOME: cacheHome() };
  const urls: string[] = [];
  const options = {
    ...quiet,
    environment,
    platform: { os: 'linux', arch: 'arm64' },
    download: async ({ url }: { url: string }, target: string) => {
      urls.push(url);
      await program(target);
    },
  };
  const path = await findChartTool('kubeconform', options);
  expect(await findChartTool('kubeconform', options)).toBe(path);
  const version = await pinnedVersion('kubeconform');
  expect(urls).toEqual([
    `https://github.com/yannh/kubeconform/releases/download/${version}/kubeconform-linux-arm64.tar.gz`,
  ]);
});

test('it is built when the release cannot be had, and nothing is fetched when that is forbidden', async () => {
  const failing = async () => {
    throw new DownloadError('no internet');
  };
  const build = (target: string) => program(target);
  const offline = { ...quiet, environment: { XDG_CACHE_HOME: cacheHome() }, download: failing, build };
  expect(await findChartTool('helm', offline)).toMatch(/\/helm$/);

  let asked = false;
  const forbidden = {
    ...quiet,
    environment: { XDG_CACHE_HOME: cacheHome(), CRISP_MCP_TEST_DOWNLOAD: 'never' },
    download: async () => {
      asked = true;
    },
    build,
  };
  await findChartTool('helm', forbidden);
  expect(asked).toBe(false);
});

test('another pin is another place in the cache', async () => {
  const environment = { XDG_CACHE_HOME: cacheHome() };
  const toolsFolder = cacheHome();
  mkdirSync(join(toolsFolder, 'helm'));
  writeFileSync(join(toolsFolder, 'helm/go.mod'), 'require helm.sh/helm/v4 v4.0.0\n');
  writeFileSync(join(toolsFolder, 'helm/go.sum'), '');
  const build = (target: string) => program(target);
  const options = { ...quiet, environment: { ...environment, CRISP_MCP_TEST_DOWNLOAD: 'never' }, build };
  expect(await findChartTool('helm', { ...options, toolsFolder })).not.toBe(await findChartTool('helm', options));
});
