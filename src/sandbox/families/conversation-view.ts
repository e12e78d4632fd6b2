import type { Conversation, Message } from '../website.ts';

/** A conversation as the API shows it: what is derived from its messages is computed here, never stored. */
const STATUS = { pending: 0, unresolved: 1, resolved: 2 } as const;
const LONGEST_EXCERPT = 200;

export function conversationView(conversation: Conversation): Readonly<Record<string, unknown>> {
  const { messages, meta, pages: _pages, events: _events, opened: _opened, ...others } = conversation;
  const { originals: _originals, pendingVerifications: _pending, browsing: _browsing, call: _call, ...shown } = others;
  const last = messages.at(-1);
  return {
    ...shown,
    status: STATUS[conversation.state],
    last_message: last === undefined ? '' : excerpt(last),
    preview_message:
      last === undefined
        ? null
        : { type: last.type, from: last.from, excerpt: excerpt(last), fingerprint: last.fingerprint },
    unread: { operator: unreadFrom(conversation, 'user').length, visitor: unreadFrom(conversation, 'operator').length },
    meta,
  };
}

/** Messages of one side that the other has not read; notes and events are nobody's to read. */
export function unreadFrom(conversation: Conversation, from: Message['from']): readonly Message[] {
  return conversation.messages.filter(
    (message) => message.from === from && message.read === '' && message.type !== 'note' && message.type !== 'event',
  );
}

/** The text of a message, whatever its type. */
export function messageText(message: Message): string {
  const { content } = message;
  if (typeof content === 'string') return content;
  if (typeof content !== 'object' || content === null) return '';
  for (const key of ['text', 'name', 'url']) {
    const value: unknown = Reflect.get(content, key);
    if (typeof value === 'string') return value;
  }
  return '';
}

/** The text as it stands in lists, shortened. */
export function excerpt(message: Message): string {
  return messageText(message).slice(0, LONGEST_EXCERPT);
}
