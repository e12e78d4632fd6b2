// @ts-check
/** `npm start`: the whole system in one process, on any Node from 18 on. Flags go to `crisp-mcp standalone`. */
import { enter } from './bootstrap/entry.mjs';

await enter(['src/main.ts', 'standalone', ...process.argv.slice(2)]);
