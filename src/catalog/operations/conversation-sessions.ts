import type { Family } from '../operation.ts';

export const conversationSessions: Family = {
  tags: ['conversations'],
  operations: [],
};
