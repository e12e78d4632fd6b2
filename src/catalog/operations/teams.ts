import type { Family } from '../operation.ts';

export const teams: Family = {
  tags: ['operators'],
  operations: [],
};
