import { z } from 'zod';
import { deleted, dispatched, InvalidData, listed, Refusal, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import {
  BLOCKED_VISITOR_MESSAGE_IS_DROPPED,
  MESSAGE_NOT_FOUND,
  MESSAGES_PER_BATCH,
  MOST_MESSAGES,
  REPEATED_FINGERPRINT_IS_IGNORED,
  STATE_AFTER_OPERATOR_MESSAGE,
  STATE_AFTER_VISITOR_MESSAGE,
} from '../inferred.ts';
import { timestamp } from '../query.ts';
import { reachesVisitor } from '../state.ts';
import type { Conversation, Message } from '../website.ts';
import { unreadFrom } from './conversation-view.ts';
import { findConversation } from './conversations.ts';
import { CONTENT_BY_TYPE, HasContent, isMessageType, NewMessage } from './message-content.ts';

/** The messages of a conversation: reading by timestamp, sending, editing, removing, and marks of reading. */
export const messages: Handlers = {
  'website.getMessagesInConversation': (call) =>
    listed(batch(findConversation(call).messages, call.query).map(messageView)),

  'website.sendMessageInConversation': (call) => {
    const conversation = findConversation(call);
    const sent = parseBody(NewMessage, call.body);
    const content = parseContent(sent.type, call.body);
    if (conversation.messages.length >= MOST_MESSAGES) throw new Refusal({ status: 409, reason: 'too_many_messages' });
    const fingerprint = sent.fingerprint ?? call.state.newFingerprint(call.now);
    const repeated = conversation.messages.some((message) => message.fingerprint === fingerprint);
    const ignored = repeated && REPEATED_FINGERPRINT_IS_IGNORED;
    const dropped = sent.from === 'user' && conversation.is_blocked && BLOCKED_VISITOR_MESSAGE_IS_DROPPED;
    if (!ignored && !dropped) {
      const message = compose(call, conversation, sent, content, fingerprint);
      receive(conversation, message, call.now);
      call.state.recordMessage(message);
    }
    return dispatched({ fingerprint });
  },

  'website.getMessageInConversation': (call) => resolved(messageView(findMessage(call, findConversation(call)))),

  'website.updateMessageInConversation': (call) => {
    const conversation = findConversation(call);
    const message = findMessage(call, conversation);
    message.content = isMessageType(message.type) ? parseContent(message.type, call.body) : message.content;
    message.edited = true;
    conversation.updated_at = call.now;
    return updated();
  },

  'website.removeMessageInConversation': (call) => {
    const conversation = findConversation(call);
    const removed = findMessage(call, conversation);
    conversation.messages = conversation.messages.filter((message) => message !== removed);
    conversation.updated_at = call.now;
    return deleted();
  },

  'website.markMessagesReadInConversation': (call) => mark(call, 'read'),
  'website.markMessagesDeliveredInConversation': (call) => mark(call, 'delivered'),

  'website.markConversationAsUnread': (call) => {
    const { from } = parseBody(Unread, call.body);
    const last = findConversation(call).messages.findLast(
      (message) => message.from === from && message.type !== 'note',
    );
    if (last !== undefined) last.read = '';
    return updated();
  },

  'website.composeMessageInConversation': (call) => {
    const conversation = findConversation(call);
    const { from, ...composing } = parseBody(Compose, call.body);
    const side = from === 'user' ? 'visitor' : 'operator';
    conversation.compose = { ...conversation.compose, [side]: { ...composing, timestamp: call.now } };
    return updated();
  },
};

const Side = z.enum(['user', 'operator']);
const Unread = z.object({ from: Side });
/** `from` is the side whose messages are marked. Fingerprints are numbers, or the same as text. */
const Mark = z.object({
  from: Side,
  origin: z.string(),
  fingerprints: z.array(z.union([z.int(), z.string().regex(/^\d{1,16}$/)])).optional(),
});
const Compose = z.object({
  type: z.enum(['start', 'stop']),
  from: Side,
  excerpt: z.string().optional(),
  stealth: z.boolean().optional(),
  automated: z.boolean().optional(),
});

function batch(all: readonly Message[], query: URLSearchParams): readonly Message[] {
  const before = timestamp(query, 'timestamp_before');
  const after = timestamp(query, 'timestamp_after');
  const around = timestamp(query, 'timestamp_around');
  if (around !== undefined) {
    const half = MESSAGES_PER_BATCH / 2;
    const older = all.filter((message) => message.timestamp < around).slice(-half);
    return [...older, ...all.filter((message) => message.timestamp >= around).slice(0, half)];
  }
  if (after !== undefined) return all.filter((message) => message.timestamp > after).slice(0, MESSAGES_PER_BATCH);
  const older = before === undefined ? all : all.filter((message) => message.timestamp < before);
  return older.slice(-MESSAGES_PER_BATCH);
}

function parseContent(type: keyof typeof CONTENT_BY_TYPE, body: unknown): unknown {
  const { content } = parseBody(HasContent, body);
  return parseBody(CONTENT_BY_TYPE[type], content, 'data.content');
}

function compose(
  call: Call,
  conversation: Conversation,
  sent: NewMessage,
  content: unknown,
  fingerprint: number,
): Message {
  const author = sent.from === 'operator' ? { nickname: call.website.name } : { nickname: conversation.meta.nickname };
  return {
    session_id: conversation.session_id,
    website_id: conversation.website_id,
    type: sent.type,
    from: sent.from,
    origin: sent.origin,
    content,
    fingerprint,
    timestamp: sent.timestamp ?? call.now,
    user: { type: sent.from === 'operator' ? 'website' : 'visitor', ...author, ...sent.user },
    read: '',
    delivered: '',
    edited: false,
    stamped: true,
    stealth: sent.stealth ?? false,
    automated: sent.automated ?? false,
    translated: sent.translated ?? false,
    mentions: sent.mentions ?? [],
    preview: [],
    references: sent.references ?? [],
    properties: sent.properties ?? {},
    ...keepOriginal(call, conversation, sent),
  };
}

/** The raw form is kept apart; the message carries the number under which it is found. */
function keepOriginal(call: Call, conversation: Conversation, { original, timestamp: at }: NewMessage) {
  if (original === undefined) return {};
  const { original_id = call.state.newId(), type = 'text/plain', content = '' } = original;
  if (content !== '') {
    conversation.originals.push({ original_id, type, headers: {}, content, timestamp: at ?? call.now });
  }
  return { original: { original_id } };
}

/** Puts a message in its place and moves the conversation on. A note changes nothing but the time of the last change. */
export function receive(conversation: Conversation, message: Message, now: number): void {
  conversation.messages = [...conversation.messages, message].sort((a, b) => a.timestamp - b.timestamp);
  conversation.updated_at = now;
  conversation.mentions = [...new Set([...conversation.mentions, ...message.mentions])];
  if (message.from === 'user') {
    if (conversation.state !== 'unresolved') conversation.state = STATE_AFTER_VISITOR_MESSAGE;
    conversation.waiting_since ??= message.timestamp;
  } else if (reachesVisitor(message)) {
    conversation.state = STATE_AFTER_OPERATOR_MESSAGE;
    conversation.waiting_since = null;
  }
}

function messageView(message: Message): Readonly<Record<string, unknown>> {
  const { stealth: _stealth, ...shown } = message;
  return shown;
}

function findMessage(call: Call, conversation: Conversation): Message {
  const text = param(call, 'fingerprint');
  if (!/^\d{1,16}$/.test(text)) throw new InvalidData('fingerprint should be integer');
  const found = conversation.messages.find((message) => message.fingerprint === Number(text));
  if (found === undefined) throw new Refusal(MESSAGE_NOT_FOUND);
  return found;
}

function mark(call: Call, field: 'read' | 'delivered') {
  const conversation = findConversation(call);
  const { from, origin, fingerprints } = parseBody(Mark, call.body);
  const wanted = fingerprints === undefined ? undefined : new Set(fingerprints.map(Number));
  const unread = field === 'read' ? unreadFrom(conversation, from) : conversation.messages;
  for (const message of unread) {
    if (message.from === from && (wanted === undefined || wanted.has(message.fingerprint))) message[field] = origin;
  }
  return updated();
}
