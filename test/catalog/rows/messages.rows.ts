import { type Rows, WEBSITE } from '../row.ts';

export const messages: Rows = {
  'website.getMessagesInConversation': {
    call: (a) => [WEBSITE, a.session_id, a.timestamp_before, a.timestamp_after, a.timestamp_around],
  },
  'website.sendMessageInConversation': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.getMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.fingerprint] },
  'website.updateMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.fingerprint, a.content] },
  'website.removeMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.fingerprint] },
};
