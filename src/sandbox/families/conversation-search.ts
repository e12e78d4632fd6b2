import { InvalidData, Refusal } from '../answer.ts';
import { parseConditions, satisfies } from '../conditions.ts';
import { DEFAULT_CONVERSATION_ORDER, LONGEST_SEARCH_QUERY } from '../inferred.ts';
import { choice, flag, withinDates } from '../query.ts';
import type { Conversation } from '../website.ts';
import { conversationView, messageText, unreadFrom } from './conversation-view.ts';

/** Which conversations a list shows, and in which order: the query parameters of List Conversations. Pure. */
export function searchConversations(
  conversations: Iterable<Conversation>,
  query: URLSearchParams,
  /** Whose mentions `filter_mention` asks for; anybody's when absent. */
  mentionOf?: string,
): readonly Conversation[] {
  const tests = [...stateTests(query, mentionOf), ...searchTest(query)];
  const within = withinDates(query);
  const found = [...conversations].filter(
    (conversation) => within(conversation.updated_at) && tests.every((test) => test(conversation)),
  );
  return found.sort(order(query));
}

type Test = (conversation: Conversation) => boolean;

function stateTests(query: URLSearchParams, mentionOf: string | undefined): readonly Test[] {
  const inbox = query.get('filter_inbox_id');
  const assigned = query.get('filter_assigned');
  const tests: Test[] = [];
  if (!flag(query, 'include_empty')) tests.push((conversation) => conversation.messages.length > 0);
  if (inbox) tests.push((conversation) => conversation.inbox_id === inbox);
  if (assigned) tests.push((conversation) => conversation.assigned?.user_id === assigned);
  if (flag(query, 'filter_unread')) tests.push((conversation) => unreadFrom(conversation, 'user').length > 0);
  if (flag(query, 'filter_resolved')) tests.push((conversation) => conversation.state === 'resolved');
  if (flag(query, 'filter_not_resolved')) tests.push((conversation) => conversation.state !== 'resolved');
  if (flag(query, 'filter_unassigned')) tests.push((conversation) => conversation.assigned === null);
  if (flag(query, 'filter_mention')) {
    tests.push(({ mentions }) => (mentionOf === undefined ? mentions.length > 0 : mentions.includes(mentionOf)));
  }
  if (flag(query, 'order_date_waiting')) tests.push((conversation) => conversation.waiting_since !== null);
  return tests;
}

function searchTest(query: URLSearchParams): readonly Test[] {
  const text = query.get('search_query');
  const type = choice(query, 'search_type', ['text', 'segment', 'filter'], 'text');
  const combine = choice(query, 'search_operator', ['and', 'or'], 'and');
  if (text === null || text === '') return [];
  if (type === 'filter') {
    const conditions = parseConditions(text, 'data.search_query');
    return [(conversation) => satisfies(searchable(conversation), conditions, combine)];
  }
  if (text.length > LONGEST_SEARCH_QUERY) throw new Refusal({ status: 400, reason: 'search_query_too_long' });
  if (text.trim() === '') throw new InvalidData('data.search_query should NOT have fewer than 1 characters');
  return [type === 'segment' ? inSegment(text) : mentionsText(text)];
}

function inSegment(segment: string): Test {
  return ({ meta }) => Array.isArray(meta.segments) && meta.segments.includes(segment);
}

function mentionsText(text: string): Test {
  const needle = text.toLowerCase();
  return ({ meta, messages, topic }) =>
    [meta.nickname, meta.email, meta.subject, topic, ...messages.map(messageText)].some(
      (candidate) => typeof candidate === 'string' && candidate.toLowerCase().includes(needle),
    );
}

/** A criterion may name a field of the conversation or one of its metas. */
const searchable = (conversation: Conversation) => ({ ...conversation.meta, ...conversationView(conversation) });

function order(query: URLSearchParams): (a: Conversation, b: Conversation) => number {
  const tie = (a: Conversation, b: Conversation) => (a.session_id < b.session_id ? -1 : 1);
  if (flag(query, 'order_date_waiting')) {
    return (a, b) => (a.waiting_since ?? 0) - (b.waiting_since ?? 0) || tie(a, b);
  }
  if (flag(query, 'order_date_created')) return (a, b) => b.created_at - a.created_at || tie(a, b);
  const field = flag(query, 'order_date_updated') ? 'updated_at' : DEFAULT_CONVERSATION_ORDER;
  return (a, b) => b[field] - a[field] || tie(a, b);
}
