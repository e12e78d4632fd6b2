import type { Rows } from '../row.ts';

export const verify: Rows = {};
