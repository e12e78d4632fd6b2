import type { Family } from '../operation.ts';

export const conversationSuggestions: Family = {
  tags: ['conversations'],
  operations: [],
};
