import { type Family, TIERS } from '../operation.ts';

export const operators: Family = {
  tags: ['operators'],
  operations: [
    {
      id: 'website.listWebsiteOperators',
      method: 'GET',
      path: '/website/{website_id}/operators/list',
      tiers: TIERS.open,
    },
    {
      id: 'website.getWebsiteOperator',
      method: 'GET',
      path: '/website/{website_id}/operator/{user_id}',
      tiers: TIERS.open,
    },
  ],
};
