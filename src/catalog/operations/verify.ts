import type { Family } from '../operation.ts';

export const verify: Family = {
  tags: ['website'],
  operations: [],
};
