import { type Rows, WEBSITE } from '../row.ts';

export const conversationSessions: Rows = {
  'website.listBrowsingSessionsForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.initiateBrowsingSessionForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.sendActionToExistingBrowsingSession': { call: (a) => [WEBSITE, a.session_id, a.browsing_id, a.action] },
  'website.assistExistingBrowsingSession': {
    call: ({ session_id, browsing_id, ...body }) => [WEBSITE, session_id, browsing_id, body],
  },
  'website.initiateNewCallSessionForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.mode, a.user, a.origin],
  },
  'website.getOngoingCallSessionForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.abortOngoingCallSessionForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.call_id, a.user, a.origin],
  },
  'website.transmitSignalingOnOngoingCallSession': {
    call: ({ session_id, call_id, ...body }) => [WEBSITE, session_id, call_id, body],
  },

  'website.deliverWidgetButtonActionForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.plugin_id, a.section_id, a.item_id, a.data, a.value],
  },
  'website.deliverWidgetDataFetchActionForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.plugin_id, a.section_id, a.item_id, a.data],
  },
  'website.deliverWidgetDataEditActionForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.plugin_id, a.section_id, a.item_id, a.value],
  },
  'website.requestToolCallForConversation': { call: (a) => [WEBSITE, a.session_id, a.command, a.payload] },
};
