import type { Rows } from '../row.ts';

export const helpdeskTree: Rows = {};
