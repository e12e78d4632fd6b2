import type { Random } from '../../process/random.ts';
import { sessionId } from '../identifiers.ts';
import type { Conversation, Inbox, Message, Operator, Person } from '../website.ts';
import { CONVERSATION_SCRIPTS, type ConversationScript } from './conversation-scripts.ts';
import { at } from './people.ts';

/** Turns the scripts into conversations: who wrote, when, what the team has read, where the visitor was. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Cast {
  readonly random: Random;
  readonly now: number;
  readonly website_id: string;
  readonly people: readonly [Person, ...Person[]];
  readonly operators: readonly [Operator, ...Operator[]];
  readonly inboxes: readonly Inbox[];
}

export function seedConversations(cast: Cast): readonly Conversation[] {
  return CONVERSATION_SCRIPTS.map((script, index) => seedConversation(cast, script, index));
}

function seedConversation(cast: Cast, script: ConversationScript, index: number): Conversation {
  const { random, now, website_id } = cast;
  const person = at(cast.people, index * 11);
  const operator = at(cast.operators, script.inbox === 'Billing' ? 3 : 1 + (index % 2));
  const inbox = cast.inboxes.find((candidate) => candidate.name === script.inbox);
  const session_id = sessionId(random);
  const last = now - script.hoursAgo * HOUR;
  const messages = script.lines.map((line, order) => {
    const timestamp =
      last - (script.lines.length - 1 - order) * (7 * MINUTE + Math.floor(random.fraction() * 20 * MINUTE));
    return seedMessage({
      session_id,
      website_id,
      script,
      line,
      timestamp,
      person,
      operator,
      fingerprint: fingerprintOf(index, order),
    });
  });
  messages.sort((a, b) => a.timestamp - b.timestamp);
  const created_at = (messages[0]?.timestamp ?? last) - 2 * MINUTE;
  const answered = script.lines.some((line) => line.startsWith('<'));
  const waiting = script.state !== 'resolved' && messages.at(-1)?.from === 'user';
  return {
    session_id,
    website_id,
    inbox_id: inbox?.inbox_id ?? null,
    people_id: person.people_id,
    state: script.state,
    is_verified: false,
    is_blocked: false,
    opened: false,
    availability: 'offline',
    active: { now: false, last },
    topic: script.subject,
    participants: [],
    mentions: [],
    compose: {},
    assigned: answered ? { user_id: operator.user_id } : null,
    meta: {
      nickname: nicknameOf(person),
      email: person.email,
      subject: script.subject,
      origin: script.email ? 'email' : 'chat',
      data: { plan: person.data.plan },
      segments: script.segments,
      device: { locales: ['en'], timezone: 60, capabilities: [], geolocation: geolocationOf(person) },
    },
    created_at,
    updated_at: last,
    waiting_since: waiting ? last : null,
    messages,
    pages: pagesBefore(created_at),
    events: person.events.slice(0, 2),
    verifications: [],
    pendingVerifications: [],
    originals: [],
    browsing: [],
    call: undefined,
  };
}

function seedMessage(it: {
  session_id: string;
  website_id: string;
  script: ConversationScript;
  line: string;
  timestamp: number;
  person: Person;
  operator: Operator;
  fingerprint: number;
}): Message {
  const fromVisitor = it.line.startsWith('>');
  const unread = fromVisitor && it.script.unread === true && isAfterLastReply(it.script.lines, it.line);
  const origin = it.script.email ? 'email' : 'chat';
  return {
    session_id: it.session_id,
    website_id: it.website_id,
    type: it.line.startsWith('#') ? 'note' : 'text',
    from: fromVisitor ? 'user' : 'operator',
    origin,
    content: it.line.slice(2),
    fingerprint: it.fingerprint,
    timestamp: it.timestamp,
    user: fromVisitor
      ? { type: 'visitor', nickname: nicknameOf(it.person) }
      : {
          type: 'operator',
          user_id: it.operator.user_id,
          nickname: it.operator.first_name,
          avatar: it.operator.avatar,
        },
    read: unread ? '' : origin,
    delivered: origin,
    edited: false,
    stamped: true,
    stealth: false,
    automated: false,
    translated: false,
    mentions: [],
    preview: [],
    references: [],
    properties: {},
  };
}

const isAfterLastReply = (lines: readonly string[], line: string): boolean =>
  lines.indexOf(line) > lines.findLastIndex((other) => other.startsWith('<'));

/** Below every fingerprint that the sandbox makes later. */
const fingerprintOf = (conversation: number, order: number): number =>
  100_000_000_000_000 + conversation * 1_000 + order;

function nicknameOf(person: Person): unknown {
  const profile = person.profile.person;
  return typeof profile === 'object' && profile !== null && 'nickname' in profile ? profile.nickname : '';
}

function geolocationOf(person: Person): unknown {
  const profile = person.profile.person;
  return typeof profile === 'object' && profile !== null && 'geolocation' in profile ? profile.geolocation : {};
}

function pagesBefore(instant: number) {
  const base = 'https://acme-analytics.example.com';
  return [
    { page_title: 'Boards', page_url: `${base}/app/boards`, page_referrer: '', timestamp: instant - 4 * MINUTE },
    { page_title: 'Help', page_url: `${base}/help`, page_referrer: `${base}/app/boards`, timestamp: instant - MINUTE },
  ];
}
