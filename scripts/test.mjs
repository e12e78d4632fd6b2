// @ts-check
/** `npm test`: installs what is missing and runs every test on real parts. Flags: see test-run/command-line.ts. */
import { enter } from './bootstrap/entry.mjs';

await enter(['scripts/run-tests.ts', ...process.argv.slice(2)]);
