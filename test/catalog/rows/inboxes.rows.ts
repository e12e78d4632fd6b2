import { type Rows, WEBSITE } from '../row.ts';

export const inboxes: Rows = {
  'website.listInboxes': { call: (a) => [WEBSITE, a.page_number] },
  'website.batchOrderInboxes': { call: (body) => [WEBSITE, body] },
  'website.createNewInbox': { call: (body) => [WEBSITE, body] },
  'website.checkInboxExists': { call: (a) => [WEBSITE, a.inbox_id] },
  'website.getInbox': { call: (a) => [WEBSITE, a.inbox_id] },
  'website.saveInbox': { call: ({ inbox_id, ...body }) => [WEBSITE, inbox_id, body] },
  'website.deleteInbox': { call: (a) => [WEBSITE, a.inbox_id] },
};
