import type { Family } from '../operation.ts';

export const campaignTemplates: Family = {
  tags: ['campaigns'],
  operations: [],
};
