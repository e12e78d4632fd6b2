import { z } from 'zod';
import { page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { ORIGINAL_NOT_FOUND } from '../inferred.ts';
import { isFields, mergeFields } from '../merge.ts';
import { pageOf } from '../query.ts';
import type { Conversation } from '../website.ts';
import { messageText } from './conversation-view.ts';
import { findConversation } from './conversations.ts';

/** What hangs on a conversation beside its messages: state, metas, routing, inbox, participants, block, visits. */
export const conversationAspects: Handlers = {
  'website.getConversationState': (call) => resolved({ state: findConversation(call).state }),
  'website.changeConversationState': change(
    z.object({ state: z.enum(['pending', 'unresolved', 'resolved']) }),
    (to, it) => {
      it.state = to.state;
      if (to.state === 'resolved') it.waiting_since = null;
    },
  ),

  'website.getConversationMetas': (call) => resolved(findConversation(call).meta),
  'website.updateConversationMetas': change(
    z.looseObject({
      nickname: z.string().optional(),
      email: z.string().optional(),
      segments: z.array(z.string()).optional(),
      data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    }),
    (metas, it) => {
      it.meta = mergeFields(it.meta, metas);
    },
  ),

  'website.getConversationRoutingAssign': (call) => resolved({ assigned: findConversation(call).assigned }),
  'website.assignConversationRouting': change(
    z.object({ assigned: z.object({ user_id: z.string() }).nullable(), silent: z.boolean().optional() }),
    ({ assigned }, it) => {
      it.assigned = assigned === null ? null : { user_id: assigned.user_id };
    },
  ),

  'website.updateConversationInbox': change(z.object({ inbox_id: z.string().nullable() }), ({ inbox_id }, it) => {
    it.inbox_id = inbox_id;
  }),

  'website.getConversationParticipants': (call) => resolved({ participants: findConversation(call).participants }),
  'website.saveConversationParticipants': (call) => {
    const conversation = findConversation(call);
    conversation.participants = parseBody(Participants, call.body).participants;
    conversation.updated_at = call.now;
    return saved();
  },

  'website.getBlockStatusForConversation': (call) => resolved({ blocked: findConversation(call).is_blocked }),
  'website.blockIncomingMessagesForConversation': change(z.object({ blocked: z.boolean() }), ({ blocked }, it) => {
    it.is_blocked = blocked;
  }),

  'website.getVerifyStatusForConversation': (call) => {
    const { is_verified, verifications } = findConversation(call);
    return resolved({ verified: is_verified, verifications });
  },
  'website.updateVerifyStatusForConversation': change(z.object({ verified: z.boolean() }), ({ verified }, it) => {
    it.is_verified = verified;
  }),

  'website.updateConversationOpenState': change(z.object({ opened: z.boolean() }), ({ opened }, it) => {
    it.opened = opened;
  }),

  'website.listConversationPages': (call) => page(pageOf(call, findConversation(call).pages)),
  'website.listConversationEvents': (call) => page(pageOf(call, findConversation(call).events)),
  'website.listConversationFiles': (call) => page(pageOf(call, filesOf(findConversation(call)))),
  'website.getOriginalMessageInConversation': (call) => {
    const { originals, website_id, session_id } = findConversation(call);
    const found = originals.find(({ original_id }) => original_id === param(call, 'original_id'));
    if (found === undefined) throw new Refusal(ORIGINAL_NOT_FOUND);
    return resolved({ website_id, session_id, ...found });
  },
  'website.getConversationRelations': (call) => {
    findConversation(call);
    return resolved({ conversations: { parent: null, children: [] } });
  },
};

const Participants = z.object({
  participants: z.array(z.object({ type: z.literal('email'), target: z.string() })),
});

/** A PATCH of one aspect: checks the body, applies it, and notes the time. */
function change<Schema extends z.ZodType>(schema: Schema, apply: (body: z.output<Schema>, it: Conversation) => void) {
  return (call: Call) => {
    const conversation = findConversation(call);
    apply(parseBody(schema, call.body), conversation);
    conversation.updated_at = call.now;
    return updated();
  };
}

function filesOf(conversation: Conversation) {
  return conversation.messages.flatMap((message) => {
    const { content, fingerprint, timestamp, type } = message;
    if (type !== 'file' || !isFields(content)) return [];
    return [{ name: messageText(message), type: content.type, url: content.url, fingerprint, timestamp }];
  });
}
