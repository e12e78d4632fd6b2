// @ts-check
/**
 * Says what is going on, on stderr (stdout belongs to what a program may read). Work that lasts gets a line with the
 * elapsed seconds now and then, so that nobody takes it for a hang.
 */

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @param {{ everySeconds?: number, say?: (line: string) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withProgress(what, work, options = {}) {
  const tell = options.say ?? say;
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  tell(`${what} ...`);
  const ticker = setInterval(() => tell(`${what} ... ${seconds()} s`), (options.everySeconds ?? 15) * 1000);
  try {
    const result = await work();
    tell(`${what}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(ticker);
  }
}
