import type { Rows } from '../row.ts';

export const plans: Rows = {};
