import { type Rows, WEBSITE } from '../row.ts';

export const peopleActivity: Rows = {
  'website.getPeopleData': { call: (a) => [WEBSITE, a.people_id] },
  // The client does not wrap the map in `data` as Crisp wants it: its caller does.
  'website.savePeopleData': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.updatePeopleData': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.listPeopleEvents': { call: (a) => [WEBSITE, a.people_id, a.page_number] },
  'website.addPeopleEvent': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.getPeopleSubscriptionStatus': { call: (a) => [WEBSITE, a.people_id] },
  'website.updatePeopleSubscriptionStatus': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.listPeopleConversations': {
    call: (a) => [WEBSITE, a.people_id, a.page_number],
    without: ['filter_unread', 'filter_resolved', 'filter_not_resolved'],
  },
  'website.listPeopleCampaigns': { call: (a) => [WEBSITE, a.people_id, a.page_number] },
};
