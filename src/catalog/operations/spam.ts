import type { Family } from '../operation.ts';

export const spam: Family = {
  tags: ['conversations'],
  operations: [],
};
