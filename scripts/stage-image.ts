import { join } from 'node:path';
import { applicationLayers } from './image/application-layers.ts';
import { withCompiledProgram } from './image/compile.ts';
import { sourceState } from './image/source-state.ts';
import { writeEntries } from './image/write-entries.ts';

/**
 * `node scripts/stage-image.ts FOLDER`, for the Dockerfile: writes what goes on top of a distroless Node into
 * `FOLDER/dependencies` and `FOLDER/application`, each to be copied to `/`. The same files as in `npm run image`.
 */
const root = join(import.meta.dirname, '..');
const [folder] = process.argv.slice(2);

if (folder === undefined) {
  console.error('Usage: node scripts/stage-image.ts FOLDER');
  process.exitCode = 2;
} else {
  // The umask of a build must not decide who may enter a directory.
  process.umask(0o022);
  const { epoch } = await sourceState(root);
  await withCompiledProgram(root, async (dist) => {
    const layers = await applicationLayers({ root, dist, epoch });
    await writeEntries(layers.dependencies.entries, join(folder, 'dependencies'));
    await writeEntries(layers.application.entries, join(folder, 'application'));
  });
}
