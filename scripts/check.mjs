// @ts-check
/** `npm run check`: generated files, types, lint, import table and unit tests; everything that takes about a minute in all. */
import { enter } from './bootstrap/entry.mjs';

await enter(['scripts/run-tests.ts', '--only', 'check,unit', ...process.argv.slice(2)]);
