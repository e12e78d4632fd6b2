import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../bootstrap/lock.mjs';
import { say, withProgress } from '../bootstrap/progress.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { type BuildRecipe, build, findGo } from './build.ts';
import { download } from './download.ts';
import { cacheHome, isProgram } from './find.ts';
import { currentPlatform, environmentVariable, type Platform, type Release } from './programs.ts';

/**
 * Finds one program that has a Go module of its own under `tools/`, in this order: the variable that names it
 * (`CRISP_MCP_TEST_KUBELET`), the project's cache, the official release with its checksum where one is made, a build.
 * The cache's key changes with the module and the recipe, so that a new version is never mistaken for the old one.
 */
export interface GoProgram {
  readonly name: string;
  /** Folder of its Go module under `tools/`. */
  readonly module: string;
  /** As `go build` takes it. */
  readonly package: string;
  /** The Go module whose version, pinned in `go.mod`, is the program's. */
  readonly versionOf?: string;
  readonly recipe: (version: string) => BuildRecipe;
  readonly release?: (version: string, platform: Platform) => Release;
}

export interface FindGoProgramOptions {
  environment?: NodeJS.ProcessEnv;
  toolsFolder?: string;
  platform?: Platform;
  say?: (line: string) => void;
  /** Milliseconds that a download site may be silent. */
  patience?: number;
  download?: typeof download;
  build?: typeof build;
}

const TOOLS = fileURLToPath(new URL('../../tools', import.meta.url));

/** For programs without version stamps. */
export const PLAIN_RECIPE: BuildRecipe = {
  argv: ['build', '-trimpath', '-ldflags', '-s -w'],
  env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
};

export async function findGoProgram(program: GoProgram, options: FindGoProgramOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const variable = environmentVariable(program.name);
  const named = environment[variable];
  if (named) {
    if (await isProgram(named)) return named;
    throw new SetupError(`${variable} names ${named}, which is not a program.\nRemedy: correct or unset ${variable}.`);
  }
  const version = await pinnedVersion(program, options);
  const folder = await cacheFolderOf(program, version, options);
  const target = join(folder, program.name);
  if (await isProgram(target)) return target;
  await mkdir(folder, { recursive: true });
  const tell = options.say ?? say;
  await withLock(
    join(folder, 'lock'),
    async () => {
      if (await isProgram(target)) return;
      await removePartial(folder);
      if (!(await downloaded(program, version, target, options))) await built(program, version, target, options);
    },
    { onWait: (seconds) => tell(`Another run is preparing ${program.name} ... ${seconds} s`) },
  );
  return target;
}

/** One site that does not answer is not asked again by this process: without internet nobody should wait for each. */
let unreachable = false;

async function downloaded(
  program: GoProgram,
  version: string,
  target: string,
  options: FindGoProgramOptions,
): Promise<boolean> {
  const { environment = process.env, say: tell = say } = options;
  const release = program.release?.(version, options.platform ?? currentPlatform());
  if (release === undefined || unreachable || environment.CRISP_MCP_TEST_DOWNLOAD === 'never') return false;
  const patience = options.patience === undefined ? {} : { patience: options.patience };
  const fetchIt = options.download ?? download;
  try {
    await withProgress(`Downloading ${release.url}`, () => fetchIt(release, target, patience), { say: tell });
    return true;
  } catch (error) {
    tell(`${error instanceof Error ? error.message : String(error)}\n${program.name} is built instead.`);
    if (options.environment === undefined) unreachable = true;
    return false;
  }
}

async function built(
  program: GoProgram,
  version: string,
  target: string,
  options: FindGoProgramOptions,
): Promise<void> {
  const { environment = process.env, say: tell = say } = options;
  const toolsFolder = join(options.toolsFolder ?? TOOLS, program.module);
  const go = options.build === undefined ? await findGo(environment) : '';
  const request = { program: program.name, package: program.package, toolsFolder, go, target };
  await withProgress(
    `Building ${[program.name, version].filter(Boolean).join(' ')} from tools/${program.module} (once a machine)`,
    () => (options.build ?? build)({ ...request, recipe: program.recipe(version) }),
    { say: tell },
  );
}

/** What a run that was killed left half-written. */
async function removePartial(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/\.part(\.d)?$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Of programs that are the project's own, ''. */
async function pinnedVersion(program: GoProgram, options: FindGoProgramOptions): Promise<string> {
  if (program.versionOf === undefined) return '';
  const path = join(options.toolsFolder ?? TOOLS, program.module, 'go.mod');
  const module = program.versionOf.replaceAll('.', '\\.');
  const match = new RegExp(`^\\s*(?:require )?${module} (v\\S+)`, 'm').exec(await readFile(path, 'utf8'));
  if (match?.[1] === undefined) throw new SetupError(`${path} does not require ${program.versionOf}`);
  return match[1];
}

async function cacheFolderOf(program: GoProgram, version: string, options: FindGoProgramOptions): Promise<string> {
  const folder = join(options.toolsFolder ?? TOOLS, program.module);
  const { os, arch } = options.platform ?? currentPlatform();
  const hash = createHash('sha256');
  const sources = (await readdir(folder, { recursive: true })).filter((name) => /\.(mod|sum|go)$/.test(name)).sort();
  for (const name of sources)
    hash
      .update(name)
      .update('\0')
      .update(await readFile(join(folder, name)))
      .update('\0');
  hash.update(JSON.stringify([program.name, program.package, program.recipe(version)]));
  const key = [program.name, version, os, arch, hash.digest('hex').slice(0, 12)].filter(Boolean).join('-');
  return join(cacheHome(options.environment ?? process.env), 'crisp-mcp-operator', 'binaries', key);
}
