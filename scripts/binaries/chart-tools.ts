import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../bootstrap/lock.mjs';
import { say, withProgress } from '../bootstrap/progress.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { findGo } from './build.ts';
import { download } from './download.ts';
import { cacheHome, isProgram } from './find.ts';
import { currentPlatform, type Platform, type Release } from './programs.ts';

/**
 * helm and kubeconform, which render the chart and judge what comes out. Each is looked for in the variable that names
 * it (`CRISP_MCP_TEST_HELM`, `CRISP_MCP_TEST_KUBECONFORM`), in the cache, in the official release with its checksum, and
 * is built from its own Go module in `tools/` otherwise. The module pins the version, and its hash is the cache's key.
 */
export type ChartTool = 'helm' | 'kubeconform';

interface Recipe {
  /** The Go module and the package in it. */
  readonly module: string;
  readonly package: string;
  readonly versionVariable: string;
  readonly release: (version: string, platform: Platform) => Release;
}

const RECIPES: Readonly<Record<ChartTool, Recipe>> = {
  helm: {
    module: 'helm.sh/helm/v4',
    package: 'helm.sh/helm/v4/cmd/helm',
    versionVariable: 'helm.sh/helm/v4/internal/version.version',
    release: (version, { os, arch }) => {
      const url = `https://get.helm.sh/helm-${version}-${os}-${arch}.tar.gz`;
      return { url, checksumUrl: `${url}.sha256sum`, inArchive: `${os}-${arch}/helm` };
    },
  },
  kubeconform: {
    module: 'github.com/yannh/kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    versionVariable: 'main.version',
    release: (version, { os, arch }) => {
      const folder = `https://github.com/yannh/kubeconform/releases/download/${version}`;
      const url = `${folder}/kubeconform-${os}-${arch}.tar.gz`;
      return { url, checksumUrl: `${folder}/CHECKSUMS`, inArchive: 'kubeconform' };
    },
  },
};

export interface ChartToolOptions {
  environment?: NodeJS.ProcessEnv;
  platform?: Platform;
  toolsFolder?: string;
  say?: (line: string) => void;
  download?: (release: Release, target: string) => Promise<void>;
  build?: (target: string) => Promise<void>;
}

const TOOLS = fileURLToPath(new URL('../../tools', import.meta.url));

/** The path of the program, fetched or built if need be. */
export async function findChartTool(name: ChartTool, options: ChartToolOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const variable = `CRISP_MCP_TEST_${name.toUpperCase()}`;
  const named = environment[variable];
  if (named) {
    if (await isProgram(named)) return named;
    throw new SetupError(`${variable} names ${named}, which is not a program.\nRemedy: correct or unset ${variable}.`);
  }
  const module = join(options.toolsFolder ?? TOOLS, name);
  const folder = await cacheFolder(name, module, options);
  const target = join(folder, name);
  if (await isProgram(target)) return target;
  const tell = options.say ?? say;
  await mkdir(folder, { recursive: true });
  const onWait = (seconds: number): void => tell(`Another run is preparing ${name} ... ${seconds} s`);
  await withLock(
    join(folder, 'lock'),
    async () => {
      if (!(await isProgram(target))) await fetchOrBuild(name, module, target, options);
    },
    { onWait },
  );
  return target;
}

async function fetchOrBuild(name: ChartTool, module: string, target: string, options: ChartToolOptions): Promise<void> {
  const tell = options.say ?? say;
  const environment = options.environment ?? process.env;
  const version = await pinnedVersion(name, module);
  if (environment.CRISP_MCP_TEST_DOWNLOAD !== 'never') {
    const release = RECIPES[name].release(version, options.platform ?? currentPlatform());
    const fetchIt = options.download ?? ((from: Release, to: string) => download(from, to));
    try {
      await withProgress(`Downloading ${release.url}`, () => fetchIt(release, target), { say: tell });
      return;
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
  }
  const build = options.build ?? ((to: string) => buildFrom(name, module, version, to, environment));
  await withProgress(`Building ${name} ${version} from tools/${name} (once a machine)`, () => build(target), {
    say: tell,
  });
}

async function buildFrom(
  name: ChartTool,
  module: string,
  version: string,
  target: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const go = await findGo(environment);
  const partial = `${target}.${process.pid}.part`;
  const { versionVariable, package: path } = RECIPES[name];
  const flags = `-s -w -X ${versionVariable}=${version}`;
  const env = {
    ...environment,
    HOME: environment.HOME || homedir(),
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-mod=readonly -buildvcs=false',
    GOWORK: 'off',
  };
  const child = spawn(go, ['build', '-trimpath', '-ldflags', flags, '-o', partial, path], {
    cwd: module,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-2_000);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) {
    await rm(partial, { force: true });
    throw new SetupError(
      `Building ${name} failed (exit code ${code}); its last words:\n${words}\n` +
        `Remedy: check that Go's module proxy can be reached (go env GOPROXY),\n` +
        `or name a ready program: CRISP_MCP_TEST_${name.toUpperCase()}=/path/to/${name}`,
    );
  }
  await rename(partial, target);
}

/** The version that the tool's go.mod requires. */
export async function pinnedVersion(name: ChartTool, module: string = join(TOOLS, name)): Promise<string> {
  const text = await readFile(join(module, 'go.mod'), 'utf8');
  const path = RECIPES[name].module.replaceAll('.', '\\.');
  const version = new RegExp(`^\\s*(?:require )?${path} (v\\S+)`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`tools/${name}/go.mod does not require ${RECIPES[name].module}`);
  return version;
}

async function cacheFolder(name: ChartTool, module: string, options: ChartToolOptions): Promise<string> {
  const { os, arch } = options.platform ?? currentPlatform();
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file))).update('\0');
  const key = `${await pinnedVersion(name, module)}-${os}-${arch}-${hash.digest('hex').slice(0, 12)}`;
  return join(cacheHome(options.environment ?? process.env), 'crisp-mcp-operator', name, key);
}
