import type { Rows } from '../row.ts';

export const helpdeskSite: Rows = {};
