import type { Family } from '../operation.ts';

export const helpdeskTree: Family = {
  tags: ['helpdesk'],
  operations: [],
};
