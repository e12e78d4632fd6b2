import { type Rows, WEBSITE } from '../row.ts';

export const helpdeskRedirections: Rows = {
  'website.listHelpdeskRedirections': { call: (a) => [WEBSITE, a.page_number] },
  'website.addHelpdeskRedirection': { call: (a) => [WEBSITE, a.path, a.target] },
  'website.checkHelpdeskRedirectionExists': { call: (a) => [WEBSITE, a.redirection_id] },
  'website.resolveHelpdeskRedirection': { call: (a) => [WEBSITE, a.redirection_id] },
  'website.deleteHelpdeskRedirection': { call: (a) => [WEBSITE, a.redirection_id] },
};
