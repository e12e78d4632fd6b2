// @ts-check
/**
 * Copies what the compiler leaves behind (Redis scripts and other files that are not TypeScript) from src/ to dist/, or to
 * the folder that is named.
 */
import { cpSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isAsset = (/** @type {string} */ path) => !/\.(ts|tsx|md|snap)$/.test(path) && !path.includes('.golden.');

cpSync(`${root}/src`, process.argv[2] ?? `${root}/dist`, {
  recursive: true,
  filter: (source) => !existsSync(source) || !/\.[a-z]+$/.test(source) || isAsset(source),
});
