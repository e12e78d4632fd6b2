import { type Family, TIERS } from '../operation.ts';

export const campaigns: Family = {
  tags: ['campaigns'],
  operations: [
    {
      id: 'website.listCampaigns',
      method: 'GET',
      path: '/website/{website_id}/campaigns/list/{page_number}',
      tiers: TIERS.user,
    },
    {
      id: 'website.getCampaign',
      method: 'GET',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
    },
    { id: 'website.createNewCampaign', method: 'POST', path: '/website/{website_id}/campaign', tiers: TIERS.user },
  ],
};
