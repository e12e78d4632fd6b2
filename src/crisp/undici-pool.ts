import { createRequire } from 'node:module';
import type { Pool as UndiciPool } from 'undici';

/**
 * The connection pool of undici without the rest of it (fetch, WebSocket, caches, mocks), which an idle process would
 * hold in memory at 10 MB. An inner path of a dependency whose version is locked; the types are the public ones.
 */
export const Pool: typeof UndiciPool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js');
export type Pool = UndiciPool;
