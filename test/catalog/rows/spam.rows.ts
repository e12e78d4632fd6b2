import type { Rows } from '../row.ts';

export const spam: Rows = {};
