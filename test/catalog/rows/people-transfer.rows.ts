import { type Rows, WEBSITE } from '../row.ts';

export const peopleTransfer: Rows = {
  'website.exportPeopleProfiles': { call: () => [WEBSITE] },
  'website.importPeopleProfiles': { call: (body) => [WEBSITE, body] },
};
