import { type Family, TIERS } from '../operation.ts';

export const helpdesk: Family = {
  tags: ['helpdesk'],
  operations: [
    {
      id: 'website.listHelpdeskLocales',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/locales/{page_number}',
      tiers: TIERS.open,
    },
    {
      id: 'website.listHelpdeskTree',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/tree/list/{locale}/{content_type}/{page_number}',
      tiers: TIERS.unknown,
    },
    {
      id: 'website.resolveHelpdeskTreeContent',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/tree/content/{locale}/{content_type}/{path}',
      tiers: TIERS.unknown,
    },
    {
      id: 'website.saveHelpdeskTreeContent',
      method: 'PUT',
      path: '/website/{website_id}/helpdesk/tree/content/{locale}/{content_type}/{path}',
      tiers: TIERS.unknown,
    },
    {
      id: 'website.resolveHelpdeskTreeMetadata',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/tree/metadata/{locale}/{content_type}/{path}',
      tiers: TIERS.unknown,
    },
    {
      id: 'website.updateHelpdeskTreeMetadata',
      method: 'PATCH',
      path: '/website/{website_id}/helpdesk/tree/metadata/{locale}/{content_type}/{path}',
      tiers: TIERS.unknown,
    },
  ],
};
