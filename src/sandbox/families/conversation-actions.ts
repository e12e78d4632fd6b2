import { z } from 'zod';
import { acted, InvalidData, Refusal, saved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { VERIFICATION_METHOD, VERIFICATION_NOT_FOUND } from '../inferred.ts';
import { emptyConversation, findConversation } from './conversations.ts';

/** What is done in a conversation without writing in it. What leaves for a person is recorded as a delivery. */
export const conversationActions: Handlers = {
  'website.initiateConversationWithExistingSession': (call) => {
    const session_id = param(call, 'session_id');
    const visitor = call.website.visitors.get(session_id);
    if (visitor === undefined) findConversation(call);
    else if (!call.website.conversations.has(session_id)) {
      const conversation = emptyConversation(call.website.website_id, session_id, call.now);
      const { nickname, email } = visitor;
      conversation.meta = { ...conversation.meta, nickname, email };
      conversation.availability = 'online';
      conversation.active = { now: visitor.active, last: call.now };
      call.website.conversations.set(session_id, conversation);
    }
    return acted();
  },

  'website.requestIdentityVerificationForConversation': (call) => {
    const conversation = findConversation(call);
    const { identity, recipient = '' } = parseBody(IdentityRequest, call.body);
    const known = String(conversation.meta[identity] ?? '');
    const to = recipient || known || conversation.session_id;
    const pending = { identity, token: call.state.newCode(), recipient: to };
    conversation.pendingVerifications = [...conversation.pendingVerifications, pending].slice(-MOST_PENDING);
    const channel = identity === 'email' ? 'email' : 'chat';
    call.state.recordDelivery({ at: call.now, channel, to, what: 'identity verification' });
    return acted();
  },

  'website.redeemIdentityVerificationLinkForConversation': (call) => {
    const conversation = findConversation(call);
    const { identity, token } = parseBody(Redemption, call.body);
    const pending = conversation.pendingVerifications.find((it) => it.identity === identity && it.token === token);
    if (pending === undefined) throw new Refusal(VERIFICATION_NOT_FOUND);
    conversation.pendingVerifications = conversation.pendingVerifications.filter((it) => it !== pending);
    const verification = { identity, method: VERIFICATION_METHOD, annotation: pending.recipient };
    conversation.verifications = [...conversation.verifications.filter((it) => it.identity !== identity), verification];
    conversation.is_verified = true;
    return saved();
  },

  'website.requestEmailTranscriptForConversation': (call) => {
    const conversation = findConversation(call);
    const { to, email } = parseBody(Transcript, call.body);
    const target = email ?? String(conversation.meta.email ?? to);
    call.state.recordDelivery({ at: call.now, channel: 'email', to: target, what: 'transcript' });
    return acted();
  },

  'website.requestUserFeedbackForConversation': (call) => {
    const { session_id } = findConversation(call);
    call.state.recordDelivery({ at: call.now, channel: 'chat', to: session_id, what: 'feedback request' });
    return acted();
  },

  // The chatbox is outside of the sandbox, and reminders and reports are never read back.
  'website.requestChatboxBindingPurgeForConversation': onConversation(() => undefined),
  'website.scheduleReminderForConversation': onConversation(({ body }) => {
    const { date } = parseBody(Reminder, body);
    if (Number.isNaN(Date.parse(date))) throw new InvalidData('data.date should match format "date-time"');
  }),
  'website.reportConversation': onConversation(({ body }) => {
    parseBody(Report, body);
  }),
};

const MOST_PENDING = 20;

const Identity = z.string().regex(/^(email|phone|urn:.+)$/);
const IdentityRequest = z.object({
  identity: Identity,
  method: z.enum([VERIFICATION_METHOD]).optional(),
  recipient: z.string().optional(),
});
const Redemption = z.object({ identity: Identity, token: z.string().min(1), recipient: z.string().optional() });
const Transcript = z.object({ to: z.string(), email: z.string().optional() });
const Reminder = z.object({ date: z.string(), note: z.string(), origin: z.string().optional() });
const Report = z.object({ flag: z.string().min(1) });

/** An action on a conversation that exists; `check` refuses what it cannot take. */
function onConversation(check: (call: Call) => void) {
  return (call: Call) => {
    findConversation(call);
    check(call);
    return acted();
  };
}
