import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BuildRequest } from './build.ts';
import { type ChartTool, findChartTool } from './chart-tools.ts';
import type { FindGoProgramOptions } from './go-program.ts';
import type { Release } from './programs.ts';

let folder: string;
let releases: Release[];
let builds: BuildRequest[];
let options: FindGoProgramOptions;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chart-tools-'));
  pin('helm', 'helm.sh/helm/v4 v4.0.7');
  pin('kubeconform', 'github.com/yannh/kubeconform v0.7.5');
  releases = [];
  builds = [];
  options = {
    environment: { XDG_CACHE_HOME: join(folder, 'cache') },
    toolsFolder: join(folder, 'tools'),
    platform: { os: 'linux', arch: 'arm64' },
    say: () => {},
    download: async (release, target) => {
      releases.push(release);
      writeFileSync(target, '', { mode: 0o755 });
    },
    build: async (request) => {
      builds.push(request);
      writeFileSync(request.target, '', { mode: 0o755 });
    },
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function pin(name: ChartTool, requirement: string): void {
  mkdirSync(join(folder, 'tools', name), { recursive: true });
  writeFileSync(join(folder, 'tools', name, 'go.mod'), `module x\n\nrequire ${requirement}\n`);
}

describe('of the pinned version', () => {
  test('helm comes from its own site', async () => {
    expect(await findChartTool('helm', options)).toMatch(/\/helm$/);
    expect(releases).toEqual([
      {
        url: 'https://get.helm.sh/helm-v4.0.7-linux-arm64.tar.gz',
        checksumUrl: 'https://get.helm.sh/helm-v4.0.7-linux-arm64.tar.gz.sha256sum',
        inArchive: 'linux-arm64/helm',
      },
    ]);
  });

  test("kubeconform comes from its project's releases", async () => {
    expect(await findChartTool('kubeconform', options)).toMatch(/\/kubeconform$/);
    const folder = 'https://github.com/yannh/kubeconform/releases/download/v0.7.5';
    expect(releases).toEqual([
      {
        url: `${folder}/kubeconform-linux-arm64.tar.gz`,
        checksumUrl: `${folder}/CHECKSUMS`,
        inArchive: 'kubeconform',
      },
    ]);
  });

  test.each([
    ['helm', 'helm.sh/helm/v4/cmd/helm', '-s -w -X helm.sh/helm/v4/internal/version.version=v4.0.7'],
    ['kubeconform', 'github.com/yannh/kubeconform/cmd/kubeconform', '-s -w -X main.version=v0.7.5'],
  ] as const)('%s is built where nothing may be fetched, and says its version', async (name, path, flags) => {
    const environment = { ...options.environment, CRISP_MCP_TEST_DOWNLOAD: 'never' };
    await findChartTool(name, { ...options, environment });
    expect(releases).toEqual([]);
    expect(builds.map((request) => [request.package, request.recipe.argv])).toEqual([
      [path, ['build', '-trimpath', '-ldflags', flags]],
    ]);
  });
});
