import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withProgress } from '../bootstrap/progress.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { isAtLeast } from './build.ts';
import { isProgram } from './find.ts';
import { environmentVariable } from './programs.ts';

/** Finds redis-server (6.2 or newer): the variable that names it, the PATH, the distribution's package. */
const REDIS_NEEDED = '6.2';

const USUAL_PLACES = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

export async function findRedis(
  environment: NodeJS.ProcessEnv = process.env,
  usualPlaces: readonly string[] = USUAL_PLACES,
): Promise<string> {
  const variable = environmentVariable('redis-server');
  const named = environment[variable];
  if (named) {
    if (await isProgram(named)) return await checked(named);
    throw new SetupError(`${variable} names ${named}, which is not a program.\nRemedy: correct or unset ${variable}.`);
  }
  const folders = [...(environment.PATH ?? '').split(':').filter(Boolean), ...usualPlaces];
  const installed = await programIn(folders, 'redis-server');
  if (installed !== undefined) return await checked(installed);
  await installPackage(environment, folders);
  const path = await programIn(folders, 'redis-server');
  if (path === undefined)
    throw new SetupError('The package redis-server was installed, but redis-server is not on the PATH.');
  return await checked(path);
}

async function programIn(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    if (await isProgram(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function checked(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000 });
  const version = /v=(\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined || !isAtLeast(version, REDIS_NEEDED)) {
    throw new SetupError(
      `${path} is Redis ${version ?? 'of an unknown version'}, and ${REDIS_NEEDED} or newer is needed.\n` +
        `Remedy: install a newer one and name it: ${environmentVariable('redis-server')}=/path/redis-server npm test`,
    );
  }
  return path;
}

async function installPackage(environment: NodeJS.ProcessEnv, folders: readonly string[]): Promise<void> {
  const root = process.getuid?.() === 0;
  const remedy =
    process.platform === 'darwin'
      ? 'brew install redis'
      : 'sudo apt-get update && sudo apt-get install -y redis-server';
  const explain = (reason: string): SetupError =>
    new SetupError(
      `The tests need a Redis server and ${reason}.\nRemedy: ${remedy}\n` +
        `or name one: ${environmentVariable('redis-server')}=/path/redis-server npm test`,
    );
  if ((await programIn(folders, 'apt-get')) === undefined)
    throw explain('this machine has neither one nor apt-get to install it with');
  const apt = async (...args: string[]): Promise<boolean> => {
    const [command, argv] = root ? ['apt-get', args] : ['sudo', ['-n', 'apt-get', ...args]];
    const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
    const child = spawn(command, argv, { env, stdio: ['ignore', 2, 2] });
    return await new Promise((resolve) => {
      child.once('error', () => resolve(false));
      child.once('exit', (code) => resolve(code === 0));
    });
  };
  await withProgress("Installing the distribution's package redis-server", async () => {
    const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'redis-server'];
    if (await apt(...install)) return;
    if (!(await apt('update')))
      throw explain('apt-get cannot be used (no root, no passwordless sudo, or no package mirror)');
    if (!(await apt(...install))) throw explain('apt-get could not install it');
  });
}
