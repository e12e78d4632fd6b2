import type { Family } from '../operation.ts';

export const batch: Family = {
  tags: ['support', 'conversations'],
  operations: [],
};
