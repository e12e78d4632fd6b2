import { WEBSITE, type Rows } from '../row.ts';

export const website: Rows = {
  'website.getWebsite': { call: () => [WEBSITE] },
  'website.deleteWebsite': { call: (a) => [WEBSITE, a.verify] },
};
