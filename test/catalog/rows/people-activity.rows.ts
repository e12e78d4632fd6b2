import type { Rows } from '../row.ts';

export const peopleActivity: Rows = {};
