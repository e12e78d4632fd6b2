import { WEBSITE, type Rows } from '../row.ts';

export const operators: Rows = {
  'website.listWebsiteOperators': { call: () => [WEBSITE] },
  'website.getWebsiteOperator': { call: (a) => [WEBSITE, a.user_id] },
};
