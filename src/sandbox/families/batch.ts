import { z } from 'zod';
import { acted, InvalidData, Refusal, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Call, Handlers } from '../handler.ts';
import {
  BATCH_REPLACES_SEGMENTS,
  BATCH_SKIPS_UNKNOWN_NAMES,
  CONVERSATION_NOT_FOUND,
  PEOPLE_NOT_FOUND,
  type RefusalCode,
} from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import type { Conversation, Person } from '../website.ts';
import { unreadFrom } from './conversation-view.ts';
import { searchPeople } from './people-search.ts';

/** Changes of many conversations or people at once: those named, those of an inbox, or those that a search finds. */
const sessions = z.array(z.string());
const people = z.object({ profiles: z.array(z.string()).optional(), search: z.string().optional() });
const data = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const segments = z.array(z.string());
const Report = z.object({ sessions, flag: z.string().min(1) });
const SessionsOrInbox = z.object({ sessions: sessions.nullish(), inbox_id: z.string().nullish() });

export const batch: Handlers = {
  'website.batchResolveConversations': ofInbox((it) => {
    it.state = 'resolved';
    it.waiting_since = null;
  }),
  'website.batchUnresolveConversations': ofInbox((it) => {
    it.state = 'unresolved';
  }),
  'website.batchReadConversations': ofInbox((it) => {
    for (const message of unreadFrom(it, 'user')) message.read = message.origin;
  }),
  'website.batchUnreadConversations': ofInbox((it) => {
    const last = it.messages.findLast((message) => message.from === 'user');
    if (last !== undefined) last.read = '';
  }),
  'website.batchRemoveConversations': ofInbox((it, { website }) => {
    website.conversations.delete(it.session_id);
  }),

  'website.batchReportConversations': (call) => {
    parseBody(Report, call.body);
    return acted();
  },

  'website.batchBlockConversations': ofSessions(z.object({ sessions, blocked: z.boolean() }), (it, { blocked }) => {
    it.is_blocked = blocked;
  }),
  'website.batchRoutingConversations': ofSessions(
    z.object({ sessions, assigned: z.object({ user_id: z.string() }).nullable() }),
    (it, { assigned }) => {
      it.assigned = assigned;
    },
  ),
  'website.batchInboxConversations': ofSessions(
    z.object({ sessions, inbox_id: z.string().nullable() }),
    (it, { inbox_id }) => {
      it.inbox_id = inbox_id;
    },
  ),
  'website.batchUpdateConversationsData': ofSessions(z.object({ sessions, data }), (it, body) => {
    it.meta = mergeFields(it.meta, { data: body.data });
  }),
  'website.batchUpdateConversationsSegments': ofSessions(z.object({ sessions, segments }), (it, body) => {
    it.meta = { ...it.meta, segments: withSegments(it.meta.segments, body.segments) };
  }),

  'website.batchRemovePeople': ofPeople(z.object({ people }), (person, _body, { website }) => {
    website.people.delete(person.people_id);
  }),
  'website.batchUpdatePeopleData': ofPeople(z.object({ people, data }), (person, body) => {
    person.data = mergeFields(person.data, body.data);
  }),
  'website.batchUpdatePeopleSegments': ofPeople(z.object({ people, segments }), (person, body) => {
    person.profile = { ...person.profile, segments: withSegments(person.profile.segments, body.segments) };
  }),
};

/** Of the conversations named, or of all in the inbox named. */
function ofInbox(apply: (it: Conversation, call: Call) => void) {
  return (call: Call) => {
    const { sessions: named, inbox_id } = parseBody(SessionsOrInbox, call.body);
    const all = [...call.website.conversations.values()];
    if (!named && !inbox_id) throw new InvalidData("data should have required property 'sessions'");
    const meant = named
      ? namedIn(call.website.conversations, named, CONVERSATION_NOT_FOUND)
      : all.filter((it) => it.inbox_id === inbox_id);
    return applyAll(call, meant, (it) => apply(it, call));
  };
}

function ofSessions<Body extends { sessions: readonly string[] }>(
  schema: z.ZodType<Body>,
  apply: (it: Conversation, body: Body) => void,
) {
  return (call: Call) => {
    const body = parseBody(schema, call.body);
    const meant = namedIn(call.website.conversations, body.sessions, CONVERSATION_NOT_FOUND);
    return applyAll(call, meant, (it) => apply(it, body));
  };
}

function ofPeople<Body extends { people: z.infer<typeof people> }>(
  schema: z.ZodType<Body>,
  apply: (person: Person, body: Body, call: Call) => void,
) {
  return (call: Call) => {
    const body = parseBody(schema, call.body);
    const { profiles, search } = body.people;
    if (profiles === undefined && search === undefined) {
      throw new InvalidData("data.people should have required property 'profiles'");
    }
    const named = namedIn(call.website.people, profiles ?? [], PEOPLE_NOT_FOUND);
    const found = search === undefined ? [] : searchPeople(call.website.people.values(), searchFor(search));
    return applyAll(call, [...new Set([...named, ...found])], (person) => apply(person, body, call));
  };
}

function namedIn<Item>(
  all: ReadonlyMap<string, Item>,
  names: readonly string[],
  unknown: RefusalCode,
): readonly Item[] {
  return [...new Set(names)].flatMap((name) => {
    const found = all.get(name);
    if (found === undefined && !BATCH_SKIPS_UNKNOWN_NAMES) throw new Refusal(unknown, name);
    return found ?? [];
  });
}

const searchFor = (text: string): URLSearchParams => new URLSearchParams({ search_text: text });

function applyAll<Item extends { updated_at: number }>(
  call: Call,
  items: readonly Item[],
  apply: (item: Item) => void,
) {
  for (const item of items) {
    apply(item);
    item.updated_at = call.now;
  }
  return updated();
}

function withSegments(before: unknown, given: readonly string[]): readonly unknown[] {
  return BATCH_REPLACES_SEGMENTS || !Array.isArray(before) ? given : [...new Set([...before, ...given])];
}
