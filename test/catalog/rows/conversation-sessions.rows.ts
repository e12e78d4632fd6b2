import type { Rows } from '../row.ts';

export const conversationSessions: Rows = {};
