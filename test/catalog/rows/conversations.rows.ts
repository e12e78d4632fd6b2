import { flags, type Rows, WEBSITE } from '../row.ts';

export const conversations: Rows = {
  'website.listConversations': {
    call: ({ page_number, search_filter, ...query }) => [
      WEBSITE,
      page_number,
      search_filter === undefined
        ? flags(query)
        : { ...flags(query), search_type: 'filter', search_query: search_filter },
    ],
  },
  'website.createNewConversation': { call: () => [WEBSITE] },
  'website.getConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.getConversationState': { call: (a) => [WEBSITE, a.session_id] },
  'website.changeConversationState': { call: (a) => [WEBSITE, a.session_id, a.state, a.user, a.origin] },
  'website.getConversationMetas': { call: (a) => [WEBSITE, a.session_id] },
  'website.updateConversationMetas': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.getConversationRoutingAssign': { call: (a) => [WEBSITE, a.session_id] },
  'website.assignConversationRouting': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.markMessagesReadInConversation': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.markConversationAsUnread': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
};
