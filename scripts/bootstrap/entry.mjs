// @ts-check
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './dependencies.mjs';
import { say } from './progress.mjs';
import { runInPlace } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * What `npm start`, `npm test` and `npm run check` have in common: installs what is missing, then becomes the given
 * program. Nothing that is imported here may come from node_modules.
 *
 * @param {readonly string[]} argv program of this project, and its arguments
 */
export async function enter(argv) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  try {
    const node = await prepare(root);
    // Compiled sources are kept, which halves the start; the folder goes with the dependencies it also holds.
    const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'), ...process.env };
    process.exitCode = await runInPlace(node, argv, { cwd: root, env });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`\n${error.message}`);
    process.exitCode = 1;
  }
}
