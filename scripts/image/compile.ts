import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Compiles the program into a folder of its own, as `npm run build` does into `dist/`, and hands it to `use`. Two builds at
 * once, and a `dist/` that somebody runs from, do not disturb each other.
 */
export async function withCompiledProgram<Result>(
  root: string,
  use: (dist: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'crisp-mcp-dist-'));
  try {
    const dist = join(folder, 'dist');
    const run = (argv: readonly string[]): Promise<unknown> =>
      promisify(execFile)(process.execPath, argv, { cwd: root, timeout: 10 * 60_000 });
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await run([compiler, '-p', 'tsconfig.build.json', '--outDir', dist, '--sourceMap', 'false']);
    await run(['scripts/copy-assets.mjs', dist]);
    return await use(dist);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
