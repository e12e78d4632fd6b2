import type { Family } from '../operation.ts';

export const visitors: Family = {
  tags: ['visitors'],
  operations: [],
};
