import type { Family } from '../operation.ts';

export const peopleActivity: Family = {
  tags: ['people', 'crm'],
  operations: [],
};
