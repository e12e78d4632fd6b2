import { type Rows, WEBSITE } from '../row.ts';

export const spam: Rows = {
  'website.listSpamConversations': { call: (a) => [WEBSITE, a.page_number] },
  'website.resolveSpamConversationContent': { call: (a) => [WEBSITE, a.spam_id] },
  'website.submitSpamConversationDecision': { call: (a) => [WEBSITE, a.spam_id, a.action] },
};
