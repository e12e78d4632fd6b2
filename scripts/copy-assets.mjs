// @ts-check
/** Copies what the compiler leaves behind (Redis scripts and other files that are not TypeScript) from src/ to dist/. */
import { cpSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isAsset = (/** @type {string} */ path) => !/\.(ts|tsx|md|snap)$/.test(path) && !path.includes('.golden.');

cpSync(`${root}/src`, `${root}/dist`, {
  recursive: true,
  filter: (source) => !existsSync(source) || !/\.[a-z]+$/.test(source) || isAsset(source),
});
