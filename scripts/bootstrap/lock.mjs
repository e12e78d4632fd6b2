// @ts-check
import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * One at a time, across processes: a folder that its holder touches while it works. Whoever finds it untouched for
 * `staleAfter` takes the holder for dead (killed, or the machine went down) and removes it, so that a crash never needs a
 * person. Works where process ids mean nothing, as in containers that share a cache.
 */

/** @typedef {{ staleAfter?: number, waitLimit?: number, onWait?: (seconds: number) => void }} LockOptions */

/**
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @param {LockOptions} [options]
 * @returns {Promise<T>}
 */
export async function withLock(folder, work, options = {}) {
  const staleAfter = options.staleAfter ?? 60_000;
  await acquire(folder, staleAfter, options);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(folder, now, now).catch(() => {});
  }, staleAfter / 10);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {number} staleAfter @param {LockOptions} options */
async function acquire(folder, staleAfter, options) {
  const waitLimit = options.waitLimit ?? 45 * 60_000;
  const started = performance.now();
  let nextWord = 2_000;
  await mkdir(dirname(folder), { recursive: true });
  for (;;) {
    if (await tryToTake(folder)) return;
    await removeIfStale(folder, staleAfter);
    const waited = performance.now() - started;
    if (waited > waitLimit)
      throw new Error(`${folder} has been held for ${Math.round(waited / 1000)} s; remove it if nobody works on it`);
    if (waited > nextWord) {
      options.onWait?.(Math.round(waited / 1000));
      nextWord = waited + 15_000;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {string} folder */
async function tryToTake(folder) {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} folder @param {number} staleAfter */
async function removeIfStale(folder, staleAfter) {
  try {
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > staleAfter) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
