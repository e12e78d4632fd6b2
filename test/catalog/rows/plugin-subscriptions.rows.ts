import type { Rows } from '../row.ts';

export const pluginSubscriptions: Rows = {};
