import { type Family, TIERS } from '../operation.ts';

export const website: Family = {
  tags: ['website'],
  operations: [
    { id: 'website.getWebsite', method: 'GET', path: '/website/{website_id}', tiers: TIERS.open },
    { id: 'website.deleteWebsite', method: 'DELETE', path: '/website/{website_id}', tiers: TIERS.user },
  ],
};
