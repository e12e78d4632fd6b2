import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { environmentVariable, type Versions } from './programs.ts';

/**
 * Builds a program from a Go module under `tools/`: needs Go and a module proxy, nothing else. Kubernetes' programs are
 * stamped with their version, for without it an API server calls itself v0.0.0 and clients draw conclusions from that.
 * A cold build of one takes one to four minutes on two cores; Go's own cache makes the next one quick.
 */
const GO_NEEDED = '1.26';

export interface BuildRequest {
  program: string;
  /** As `go build` takes it. */
  package: string;
  /** The folder of the module. */
  toolsFolder: string;
  recipe: BuildRecipe;
  go: string;
  target: string;
}

/** All that decides what a build makes, beside the modules and the platform. */
export interface BuildRecipe {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export async function build(request: BuildRequest): Promise<void> {
  const partial = `${request.target}.${process.pid}.part`;
  const log = `${request.target}.build.log`;
  const { recipe } = request;
  await mkdir(dirname(request.target), { recursive: true });
  const { code, tail } = await runGo(request, [...recipe.argv, '-o', partial, request.package], recipe.env, log);
  if (code !== 0) {
    await rm(partial, { force: true });
    throw new SetupError(
      `Building ${request.program} failed (exit code ${code}); its last words:\n${tail}\n` +
        `The whole log: ${log}\n` +
        `Remedy: check that Go's module proxy can be reached (go env GOPROXY) and that 6 GB of disk and 3 GB of memory are free,\n` +
        `or name a ready program: ${environmentVariable(request.program)}=/path/to/${request.program}`,
    );
  }
  await rename(partial, request.target);
  await rm(log, { force: true });
}

export function buildRecipe(versions: Pick<Versions, 'kubernetes'>): BuildRecipe {
  return {
    argv: ['build', '-trimpath', '-ldflags', linkerFlags(versions)],
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
  };
}

function linkerFlags(versions: Pick<Versions, 'kubernetes'>): string {
  const [major = '', minor = ''] = versions.kubernetes.replace(/^v/, '').split('.');
  const stamps = { gitVersion: versions.kubernetes, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const flags = packages.flatMap((name) =>
    Object.entries(stamps).map(([variable, value]) => `-X ${name}.${variable}=${value}`),
  );
  return ['-s', '-w', ...flags].join(' ');
}

/** The path of a Go that is new enough, or a {@link SetupError} that says how to get one. */
export async function findGo(
  environment: NodeJS.ProcessEnv = process.env,
  usualPlaces: readonly string[] = ['/usr/local/go/bin', '/opt/homebrew/bin'],
): Promise<string> {
  const candidates = [...(environment.PATH ?? '').split(':').filter(Boolean), ...usualPlaces];
  const seen: string[] = [];
  for (const folder of candidates) {
    const path = join(folder, 'go');
    const version = await goVersion(path, environment);
    if (version === undefined) continue;
    if (isAtLeast(version, GO_NEEDED)) return path;
    seen.push(`${path} is ${version}`);
  }
  const found = seen.length === 0 ? 'none was found' : [...new Set(seen)].join(', ');
  throw new SetupError(
    `The tests run on real programs: a Kubernetes API server, helm and others. The official release of one could not be downloaded, and building it needs Go ${GO_NEEDED} or newer (${found}).\n` +
      `Remedy, one of: install Go from https://go.dev/dl/ and put it on the PATH;\n` +
      `run again with internet access; or name a folder that holds etcd, kube-apiserver, kube-controller-manager and kubectl:\n` +
      `KUBEBUILDER_ASSETS=/path npm test`,
  );
}

async function goVersion(path: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await access(path);
    const { stdout } = await promisify(execFile)(path, ['env', 'GOVERSION'], {
      env: { ...environment, HOME: environment.HOME || homedir(), GOTOOLCHAIN: 'local' },
      timeout: 20_000,
    });
    return /go(\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

export function isAtLeast(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

async function runGo(
  { go, toolsFolder }: BuildRequest,
  argv: readonly string[],
  recipeEnvironment: Readonly<Record<string, string>>,
  logPath: string,
): Promise<{ code: number; tail: string }> {
  const log = createWriteStream(logPath);
  const env = { ...process.env, HOME: process.env.HOME || homedir(), ...recipeEnvironment };
  const child = spawn(go, argv, { cwd: toolsFolder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    log.write(chunk);
    tail = (tail + chunk.toString('utf8')).slice(-2_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', stop);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve(exitCode ?? 1));
    });
    return { code, tail };
  } finally {
    process.off('exit', stop);
    log.end();
  }
}
