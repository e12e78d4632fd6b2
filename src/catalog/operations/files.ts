import type { Family } from '../operation.ts';

export const files: Family = {
  tags: ['files'],
  operations: [],
};
