import { added, deleted, page, Refusal, resolved } from '../answer.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { CONVERSATION_NOT_FOUND } from '../inferred.ts';
import { pageOf, pageSize } from '../query.ts';
import type { Conversation } from '../website.ts';
import { searchConversations } from './conversation-search.ts';
import { conversationView } from './conversation-view.ts';

/** Conversations as a whole: list, create, read, remove. */
export const conversations: Handlers = {
  'website.listConversations': (call) => {
    const mentionOf = call.tier === 'user' ? firstOperator(call) : undefined;
    const found = searchConversations(call.website.conversations.values(), call.query, mentionOf);
    return page(pageOf(call, found, pageSize(call.query)).map(conversationView));
  },

  'website.createNewConversation': ({ state, website, now }) => {
    const session_id = state.newSessionId();
    website.conversations.set(session_id, emptyConversation(website.website_id, session_id, now));
    return added({ session_id });
  },

  'website.checkConversationExists': (call) => {
    findConversation(call);
    return resolved({});
  },

  'website.getConversation': (call) => resolved(conversationView(findConversation(call))),

  'website.removeConversation': (call) => {
    call.website.conversations.delete(findConversation(call).session_id);
    return deleted();
  },
};

export function findConversation(call: Call): Conversation {
  const conversation = call.website.conversations.get(param(call, 'session_id'));
  if (conversation === undefined) throw new Refusal(CONVERSATION_NOT_FOUND);
  return conversation;
}

export function emptyConversation(website_id: string, session_id: string, now: number): Conversation {
  return {
    session_id,
    website_id,
    inbox_id: null,
    people_id: null,
    state: 'pending',
    is_verified: false,
    is_blocked: false,
    opened: false,
    availability: 'offline',
    active: { now: false, last: now },
    topic: '',
    participants: [],
    mentions: [],
    compose: {},
    assigned: null,
    meta: { nickname: `visitor${session_id.slice(-6)}`, email: '', data: {}, segments: [] },
    created_at: now,
    updated_at: now,
    waiting_since: null,
    messages: [],
    pages: [],
    events: [],
    verifications: [],
    pendingVerifications: [],
    originals: [],
    browsing: [],
    call: undefined,
  };
}

/** The user-tier token of the sandbox belongs to the first operator. */
function firstOperator(call: Call): string | undefined {
  return call.website.operators.keys().next().value;
}
