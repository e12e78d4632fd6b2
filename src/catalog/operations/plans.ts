import type { Family } from '../operation.ts';

export const plans: Family = {
  tags: ['billing'],
  operations: [],
};
