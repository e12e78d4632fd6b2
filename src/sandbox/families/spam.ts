import { z } from 'zod';
import { acted, page, Refusal, resolved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { SPAM_ACCEPTED, SPAM_NOT_FOUND, SPAM_REJECTED } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { Spam } from '../website.ts';
import { emptyConversation } from './conversations.ts';

/** Messages that were held back as spam. What is accepted becomes a conversation; what is rejected is gone. */
export const spam: Handlers = {
  'website.listSpamConversations': (call) => {
    const newest = [...call.website.spams.values()].sort((a, b) => b.timestamp - a.timestamp);
    return page(pageOf(call, newest).map(({ content: _content, ...shown }) => shown));
  },

  'website.resolveSpamConversationContent': (call) => resolved(findSpam(call)),

  'website.submitSpamConversationDecision': (call) => {
    const { spam_id, metadata } = findSpam(call);
    const { action } = parseBody(Decision, call.body);
    call.website.spams.delete(spam_id);
    if (action === SPAM_ACCEPTED) {
      const conversation = emptyConversation(call.website.website_id, call.state.newSessionId(), call.now);
      conversation.meta = { ...conversation.meta, email: metadata.from, subject: metadata.subject };
      call.website.conversations.set(conversation.session_id, conversation);
    }
    return acted();
  },
};

const Decision = z.object({ action: z.enum([SPAM_REJECTED, SPAM_ACCEPTED]) });

function findSpam(call: Call): Spam {
  const found = call.website.spams.get(param(call, 'spam_id'));
  if (found === undefined) throw new Refusal(SPAM_NOT_FOUND);
  return found;
}
