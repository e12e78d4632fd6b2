import type { Family } from '../operation.ts';

export const pluginConnect: Family = {
  tags: ['plugins'],
  operations: [],
};
