import type { Rows } from '../row.ts';

export const inboxes: Rows = {};
