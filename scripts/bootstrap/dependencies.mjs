// @ts-check
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock.mjs';
import { say, withProgress } from './progress.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Makes sure that this checkout's dependencies are installed as its lock file says, and finds the Node (24 or newer) to
 * run the project on. Works on any Node from 18 on and needs nothing but npm. Does nothing when all is there.
 */

export const NODE_MAJOR = 24;

const PRESENT_NODE = { version: process.versions.node, path: process.execPath };

/**
 * @param {string} root the checkout
 * @param {{ version: string, path: string }} present the Node that runs this
 * @returns {Promise<string>} path of a Node that can run the project
 */
export async function prepare(root, present = PRESENT_NODE) {
  if (process.platform === 'win32') throw new SetupError('Windows is not supported: use WSL.');
  const isOld = Number.parseInt(present.version, 10) < NODE_MAJOR;
  const isReady = async () => (isOld ? isMarked(root) : isCurrent(root));
  if (!(await isReady())) {
    await withLock(
      join(root, '.install.lock'),
      async () => {
        if (!(await isCurrent(root))) await install(root);
        if (isOld && !(await complete(root, await findNode(root, present), present.version))) return;
        await writeFile(markerPath(root), `${await lockHash(root)}\n`);
      },
      { onWait: (seconds) => say(`Another run is installing the dependencies ... ${seconds} s`) },
    );
  }
  return findNode(root, present);
}

/** @param {string} root */
async function isCurrent(root) {
  const installed = await stat(join(root, 'node_modules/.package-lock.json')).catch(() => undefined);
  if (installed === undefined) return false;
  if (await isMarked(root)) return true;
  return installed.mtimeMs >= (await stat(join(root, 'package-lock.json'))).mtimeMs;
}

/** @param {string} root */
async function isMarked(root) {
  const marker = await readFile(markerPath(root), 'utf8').catch(() => '');
  return marker.trim() === (await lockHash(root));
}

const QUIET = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];

/** @param {string} root */
async function install(root) {
  await withProgress('Installing dependencies (npm ci)', () => npm(root, ['ci', ...QUIET]));
}

/**
 * On an old Node, npm silently leaves out optional packages whose `engines` ask for a newer one, among them the native
 * parts of the test runner. Run on the Node that it has just brought, it adds them. `npm start` needs none of them, so a
 * failure is told and tried again by the next command.
 *
 * @param {string} root
 * @param {string} node
 * @param {string} oldVersion
 * @returns {Promise<boolean>} whether all is there
 */
async function complete(root, node, oldVersion) {
  try {
    await withProgress(`Installing what npm leaves out on Node ${oldVersion}`, () =>
      npm(root, ['install', '--no-save', ...QUIET], node),
    );
    return true;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message}\nThe tests may not start until this has worked.`);
    return false;
  }
}

/** @param {string} root @param {{ version: string, path: string }} present */
async function findNode(root, present) {
  const bundled = join(root, 'node_modules/.bin/node');
  if ((await majorOf(bundled)) >= NODE_MAJOR) return bundled;
  if (Number.parseInt(present.version, 10) >= NODE_MAJOR) return present.path;
  // npm was told not to run install scripts; the one that brings Node is safe to run by name.
  say(`The development dependency "node" has not been unpacked; running its install script.`);
  await npm(root, ['rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts']).catch(() => {});
  if ((await majorOf(bundled)) >= NODE_MAJOR) return bundled;
  throw new SetupError(
    `Node ${NODE_MAJOR} or newer is needed and npm's package "node" could not be installed for ${process.platform}-${process.arch}.\n` +
      `Remedy: install Node ${NODE_MAJOR} yourself and run the command again with it first on the PATH,\n` +
      `or allow the script: npm rebuild node --ignore-scripts=false`,
  );
}

/** @param {string} node */
async function majorOf(node) {
  try {
    const { stdout } = await promisify(execFile)(node, ['--version'], { timeout: 20_000 });
    return Number.parseInt(stdout.replace(/^v/, ''), 10);
  } catch {
    return 0;
  }
}

/** @param {string} root @param {readonly string[]} args @param {string} [node] the Node to run npm on */
export async function npm(root, args, node) {
  const cli = process.env.npm_execpath;
  const viaNpm = cli !== undefined && /npm-cli\.[cm]?js$/.test(cli);
  const [command, argv] = viaNpm ? [node ?? process.execPath, [cli, ...args]] : ['npm', [...args]];
  // npm's standard output goes to our standard error: what the project prints must stay readable by programs.
  const child = spawn(command, argv, { cwd: root, env: npmEnvironment(node), stdio: ['ignore', 2, 2] });
  await new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        new SetupError(`npm cannot be started (${error.message}).\nRemedy: install npm, e.g. apt-get install npm`),
      ),
    );
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(undefined);
      else
        reject(
          new SetupError(
            `npm ${args.join(' ')} failed (${signal ?? `exit code ${code}`}); its own words are above.\n` +
              `Remedy: check that npm's registry can be reached (npm ping), then run: npm ci`,
          ),
        );
    });
  });
}

/** @param {string} [node] */
function npmEnvironment(node) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, HOME: process.env.HOME || homedir() };
  // Settings of the outer npm command (its dry-run, its prefix, ...) are not meant for the install.
  for (const name of Object.keys(env)) {
    if (
      /^npm_(config_(dry_run|prefix|global|omit|only|production|json|silent|loglevel)|package_|lifecycle_)/i.test(name)
    )
      delete env[name];
  }
  delete env.NODE_ENV;
  delete env.NODE_OPTIONS;
  if (node !== undefined) {
    // Its shebang asks the PATH; an old npm on a new Node warns about itself.
    env.PATH = `${dirname(node)}:${env.PATH ?? ''}`;
    env.NODE_NO_WARNINGS = '1';
  }
  return env;
}

/** @param {string} root */
function markerPath(root) {
  return join(root, 'node_modules/.installed-lock-hash');
}

/** @param {string} root */
async function lockHash(root) {
  return createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
}
