import type { Family } from '../operation.ts';

export const pluginSubscriptions: Family = {
  tags: ['plugins'],
  operations: [],
};
