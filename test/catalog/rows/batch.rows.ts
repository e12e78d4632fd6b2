import type { Rows } from '../row.ts';

export const batch: Rows = {};
