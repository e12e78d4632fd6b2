import type { Family } from '../operation.ts';

export const helpdeskSite: Family = {
  tags: ['helpdesk'],
  operations: [],
};
