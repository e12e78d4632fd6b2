import { type Family, TIERS } from '../operation.ts';

export const people: Family = {
  tags: ['people', 'crm'],
  operations: [
    {
      id: 'website.listPeopleProfiles',
      method: 'GET',
      path: '/website/{website_id}/people/profiles/{page_number}',
      tiers: TIERS.open,
    },
    {
      id: 'website.addNewPeopleProfile',
      method: 'POST',
      path: '/website/{website_id}/people/profile',
      tiers: TIERS.open,
    },
    {
      id: 'website.getPeopleProfile',
      method: 'GET',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
    },
    {
      id: 'website.savePeopleProfile',
      method: 'PUT',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
    },
    {
      id: 'website.updatePeopleProfile',
      method: 'PATCH',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
    },
    {
      id: 'website.removePeopleProfile',
      method: 'DELETE',
      path: '/website/{website_id}/people/profile/{people_id}',
      tiers: TIERS.open,
    },
  ],
};
