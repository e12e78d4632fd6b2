import { type Rows, WEBSITE } from '../row.ts';

export const helpdeskHistory: Rows = {
  'website.listHelpdeskHistoryChanges': {
    call: (a) => [WEBSITE, a.page_number, a.filter_locale, a.filter_type, a.filter_tree_path],
  },
  'website.resolveHelpdeskHistoryChange': { call: (a) => [WEBSITE, a.change_id] },
  'website.cancelHelpdeskHistoryChange': { call: (a) => [WEBSITE, a.change_id, a.action] },
};
