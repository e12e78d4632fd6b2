// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Runs a program of this project on the Node that it needs, as if it were this process: same streams, its exit code,
 * signals passed on. It runs in a process group of its own, because a terminal's Ctrl-C reaches the whole group and npm
 * passes it on once more: here it arrives once. When this process dies without a word, the program is told to end by the
 * broken channel (follow-parent.mjs); when npm dies, by the change of the parent.
 */

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);
const SAME_SIGNAL_WITHIN = 700;

/**
 * @param {string} node path of the Node to run
 * @param {readonly string[]} argv script and its arguments
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} exit code
 */
export async function runInPlace(node, argv, options) {
  const follow = pathToFileURL(fileURLToPath(new URL('./follow-parent.mjs', import.meta.url))).href;
  const child = spawn(node, ['--import', follow, ...argv], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const lastSent = new Map();
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    const now = performance.now();
    if (now - (lastSent.get(signal) ?? Number.NEGATIVE_INFINITY) < SAME_SIGNAL_WITHIN) return;
    lastSent.set(signal, now);
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, () => forward(signal));
  const parent = process.ppid;
  const underNpm = process.env.npm_lifecycle_event !== undefined;
  const watch = setInterval(() => {
    if (underNpm && process.ppid !== parent) forward('SIGTERM');
  }, 1000);
  watch.unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      killGroup(child.pid);
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });
}

/**
 * Whatever the program left running (it was killed, say) ends with it.
 *
 * @param {number | undefined} leader
 */
function killGroup(leader) {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left: the usual case.
  }
}
