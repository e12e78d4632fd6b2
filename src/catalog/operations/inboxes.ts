import type { Family } from '../operation.ts';

export const inboxes: Family = {
  tags: ['inboxes'],
  operations: [],
};
