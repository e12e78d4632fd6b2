import type { Rows } from '../row.ts';

export const campaignTemplates: Rows = {};
