import type { Family } from '../operation.ts';

export const conversationDetails: Family = {
  tags: ['support', 'conversations'],
  operations: [],
};
