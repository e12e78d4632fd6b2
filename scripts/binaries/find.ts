import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../bootstrap/lock.mjs';
import { say, withProgress } from '../bootstrap/progress.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { build, buildRecipe, findGo } from './build.ts';
import { download } from './download.ts';
import {
  currentPlatform,
  environmentVariable,
  GO_PACKAGES,
  OFFICIAL_SITES,
  type Platform,
  PROGRAM_NAMES,
  type ProgramName,
  pinnedVersions,
  type ReleaseSites,
  releaseOf,
  type Versions,
} from './programs.ts';

/**
 * Finds etcd, kube-apiserver, kube-controller-manager and kubectl, in this order: the variable that names one
 * (`CRISP_MCP_TEST_ETCD`, ...), the folder in `KUBEBUILDER_ASSETS`, the project's cache, the official release with its
 * checksum, a build from `tools/`. The PATH is not asked: a kubectl found there may be of any version, or a wrapper.
 * What was fetched or built goes to the cache under a key that changes with anything that decides its content.
 */
export type Binaries = Readonly<Record<ProgramName, string>>;

export interface FindOptions {
  environment?: NodeJS.ProcessEnv;
  sites?: ReleaseSites;
  platform?: Platform;
  toolsFolder?: string;
  say?: (line: string) => void;
  /** Milliseconds that a download site may be silent. */
  patience?: number;
  build?: (program: ProgramName, target: string, versions: Versions) => Promise<void>;
}

const TOOLS = fileURLToPath(new URL('../../tools', import.meta.url));

export async function findBinaries(options: FindOptions = {}): Promise<Binaries> {
  const environment = options.environment ?? process.env;
  const found = await fromEnvironment(environment);
  const missing = PROGRAM_NAMES.filter((name) => !found.has(name));
  if (missing.length > 0) {
    const cache = await cacheFolder(options);
    for (const name of missing) if (await isProgram(join(cache, name))) found.set(name, join(cache, name));
    const stillMissing = missing.filter((name) => !found.has(name));
    if (stillMissing.length > 0) {
      await prepare(stillMissing, cache, options);
      for (const name of stillMissing) found.set(name, join(cache, name));
    }
  }
  const path = (name: ProgramName): string => {
    const value = found.get(name);
    if (value === undefined) throw new SetupError(`${name} was not found`);
    return value;
  };
  return {
    etcd: path('etcd'),
    'kube-apiserver': path('kube-apiserver'),
    'kube-controller-manager': path('kube-controller-manager'),
    kubectl: path('kubectl'),
  };
}

async function fromEnvironment(environment: NodeJS.ProcessEnv): Promise<Map<ProgramName, string>> {
  const found = new Map<ProgramName, string>();
  for (const name of PROGRAM_NAMES) {
    const variable = environmentVariable(name);
    const named = environment[variable];
    if (named) {
      if (!(await isProgram(named))) {
        throw new SetupError(
          `${variable} names ${named}, which is not a program.\nRemedy: correct or unset ${variable}.`,
        );
      }
      found.set(name, named);
    } else if (environment.KUBEBUILDER_ASSETS) {
      const inAssets = join(environment.KUBEBUILDER_ASSETS, name);
      if (await isProgram(inAssets)) found.set(name, inAssets);
    }
  }
  return found;
}

async function prepare(missing: readonly ProgramName[], cache: string, options: FindOptions): Promise<void> {
  const tell = options.say ?? say;
  await mkdir(cache, { recursive: true });
  const onWait = (seconds: number): void => tell(`Another run is preparing the test binaries ... ${seconds} s`);
  await withLock(
    join(cache, 'lock'),
    async () => {
      await removePartial(cache);
      const left: ProgramName[] = [];
      for (const name of missing) if (!(await isProgram(join(cache, name)))) left.push(name);
      const toBuild = await downloadAll(left, cache, options);
      if (toBuild.length > 0) await buildAll(toBuild, cache, options);
    },
    { onWait },
  );
}

/** What a run that was killed left half-written. */
async function removePartial(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (/\.part(\.d)?$/.test(name)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** Returns what could not be had. One failure of a site is enough: without internet nobody should wait four times. */
async function downloadAll(names: readonly ProgramName[], cache: string, options: FindOptions): Promise<ProgramName[]> {
  const tell = options.say ?? say;
  const versions = await pinnedVersions(options.toolsFolder ?? TOOLS);
  const left: ProgramName[] = [];
  let reachable = (options.environment ?? process.env).CRISP_MCP_TEST_DOWNLOAD !== 'never';
  for (const name of names) {
    const release = releaseOf(name, versions, options.platform ?? currentPlatform(), options.sites ?? OFFICIAL_SITES);
    if (release === undefined || !reachable) {
      left.push(name);
      continue;
    }
    const patience = options.patience === undefined ? {} : { patience: options.patience };
    try {
      await withProgress(`Downloading ${release.url}`, () => download(release, join(cache, name), patience), {
        say: tell,
      });
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      tell('The remaining programs are built instead.');
      reachable = false;
      left.push(name);
    }
  }
  return left;
}

async function buildAll(names: readonly ProgramName[], cache: string, options: FindOptions): Promise<void> {
  const toolsFolder = options.toolsFolder ?? TOOLS;
  const versions = await pinnedVersions(toolsFolder);
  const go = options.build === undefined ? await findGo(options.environment ?? process.env) : '';
  const buildOne =
    options.build ??
    ((program, target) =>
      build({ program, package: GO_PACKAGES[program], toolsFolder, recipe: buildRecipe(versions), go, target }));
  for (const [index, name] of names.entries()) {
    const what = `Building ${name} ${name === 'etcd' ? versions.etcd : versions.kubernetes} from tools/ (${index + 1} of ${names.length}; once a machine)`;
    await withProgress(
      what,
      () => buildOne(name, join(cache, name), versions),
      options.say ? { say: options.say } : {},
    );
  }
}

/** `${XDG_CACHE_HOME:-~/.cache}/crisp-mcp-operator/binaries/<version>-<platform>-<hash>`. */
export async function cacheFolder(options: FindOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const toolsFolder = options.toolsFolder ?? TOOLS;
  const { os, arch } = options.platform ?? currentPlatform();
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(toolsFolder, file))).update('\0');
  const versions = await pinnedVersions(toolsFolder);
  hash.update(JSON.stringify([GO_PACKAGES, buildRecipe(versions)]));
  const key = `${versions.kubernetes}-${os}-${arch}-${hash.digest('hex').slice(0, 12)}`;
  return join(cacheHome(environment), 'crisp-mcp-operator', 'binaries', key);
}

export function cacheHome(environment: NodeJS.ProcessEnv): string {
  if (environment.XDG_CACHE_HOME) return environment.XDG_CACHE_HOME;
  const home = environment.HOME || homedir();
  return home === '' || home === '/' ? join(tmpdir(), 'crisp-mcp-cache') : join(home, '.cache');
}

export async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
