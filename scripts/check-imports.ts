import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkFile } from './import-table/check-file.ts';

/** Holds every file of `src/` against the import table (import-table/rules.ts); fails with one line a violation. */
const root = join(import.meta.dirname, '..');
const PackageJson = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const { dependencies, devDependencies } = PackageJson.parse(
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
);
const packages = {
  dependencies: new Set(Object.keys(dependencies)),
  devDependencies: new Set(Object.keys(devDependencies)),
};

const files = globSync('src/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
const violations = files.sort().flatMap((file) => checkFile(file, readFileSync(join(root, file), 'utf8'), packages));
for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`);
console.log(`${files.length} files checked, ${violations.length} violations of the import table`);
process.exitCode = violations.length === 0 && files.length > 0 ? 0 : 1;
