import type { Rows } from '../row.ts';

export const conversationDetails: Rows = {};
