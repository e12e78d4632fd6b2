import { type Rows, WEBSITE } from '../row.ts';

export const people: Rows = {
  'website.getPeopleStatistics': { call: () => [WEBSITE] },
  'website.listPeopleProfiles': {
    call: (a) => [
      WEBSITE,
      a.page_number,
      a.sort_field,
      a.sort_order,
      a.search_operator,
      a.search_filter,
      a.search_text,
    ],
    without: ['per_page', 'filter_date_start', 'filter_date_end'],
  },
  'website.addNewPeopleProfile': { call: (body) => [WEBSITE, body] },
  'website.checkPeopleProfileExists': { call: (a) => [WEBSITE, a.people_id] },
  'website.getPeopleProfile': { call: (a) => [WEBSITE, a.people_id] },
  'website.savePeopleProfile': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.updatePeopleProfile': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.removePeopleProfile': { call: (a) => [WEBSITE, a.people_id] },
};
