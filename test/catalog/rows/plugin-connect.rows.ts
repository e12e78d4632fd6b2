import type { Rows } from '../row.ts';

export const pluginConnect: Rows = {};
