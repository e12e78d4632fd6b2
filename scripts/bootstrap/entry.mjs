// @ts-check
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
    process.exitCode = await runInPlace(node, argv, { cwd: root });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`\n${error.message}`);
    process.exitCode = 1;
  }
}
