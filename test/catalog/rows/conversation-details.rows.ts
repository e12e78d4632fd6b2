import { type Rows, WEBSITE } from '../row.ts';

export const conversationDetails: Rows = {
  'website.checkConversationExists': { call: (a) => [WEBSITE, a.session_id] },
  'website.removeConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.updateConversationOpenState': { call: (a) => [WEBSITE, a.session_id, a.opened] },
  'website.updateConversationInbox': { call: (a) => [WEBSITE, a.session_id, a.inbox_id] },
  'website.getOriginalMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.original_id] },
  'website.listConversationPages': { call: (a) => [WEBSITE, a.session_id, a.page_number] },
  'website.listConversationEvents': { call: (a) => [WEBSITE, a.session_id, a.page_number] },
  'website.listConversationFiles': { call: (a) => [WEBSITE, a.session_id, a.page_number] },
  'website.getConversationRelations': { call: (a) => [WEBSITE, a.session_id] },
  'website.getConversationParticipants': { call: (a) => [WEBSITE, a.session_id] },
  'website.saveConversationParticipants': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.getBlockStatusForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.blockIncomingMessagesForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.blocked, a.user, a.origin],
  },
  'website.getVerifyStatusForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.updateVerifyStatusForConversation': { call: (a) => [WEBSITE, a.session_id, a.verified] },

  'website.initiateConversationWithExistingSession': { call: (a) => [WEBSITE, a.session_id] },
  'website.composeMessageInConversation': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.markMessagesDeliveredInConversation': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.requestIdentityVerificationForConversation': {
    call: ({ session_id, ...body }) => [WEBSITE, session_id, body],
  },
  'website.redeemIdentityVerificationLinkForConversation': {
    call: ({ session_id, ...body }) => [WEBSITE, session_id, body],
  },
  'website.requestEmailTranscriptForConversation': { call: (a) => [WEBSITE, a.session_id, a.to, a.email] },
  'website.requestChatboxBindingPurgeForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.requestUserFeedbackForConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.scheduleReminderForConversation': {
    call: (a) => [WEBSITE, a.session_id, a.date, a.note, a.user, a.origin],
  },
  'website.reportConversation': { call: (a) => [WEBSITE, a.session_id, a.flag] },
};
