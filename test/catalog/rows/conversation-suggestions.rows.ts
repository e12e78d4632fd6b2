import type { Rows } from '../row.ts';

export const conversationSuggestions: Rows = {};
