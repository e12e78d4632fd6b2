import { type Rows, WEBSITE } from '../row.ts';

export const operators: Rows = {
  'website.listWebsiteOperators': { call: () => [WEBSITE] },
  'website.listLastActiveWebsiteOperators': { call: () => [WEBSITE] },
  'website.flushLastActiveWebsiteOperators': { call: () => [WEBSITE] },
  'website.sendEmailToWebsiteOperators': { call: (body) => [WEBSITE, body] },
  'website.getWebsiteOperator': { call: (a) => [WEBSITE, a.user_id] },
  'website.inviteWebsiteOperator': { call: (a) => [WEBSITE, a.email, a.role, a.verify] },
  'website.changeOperatorMembership': { call: (a) => [WEBSITE, a.user_id, a.role, a.title] },
  'website.unlinkOperatorFromWebsite': { call: (a) => [WEBSITE, a.user_id] },
};
