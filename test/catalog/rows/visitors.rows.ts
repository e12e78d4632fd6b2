import type { Rows } from '../row.ts';

export const visitors: Rows = {};
