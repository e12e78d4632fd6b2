import { z } from 'zod';
import { added, deleted, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { PEOPLE_EXISTS, PEOPLE_NOT_FOUND } from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import { flag, pageOf, pageSize } from '../query.ts';
import type { Person, Website } from '../website.ts';
import { unreadFrom } from './conversation-view.ts';
import { personView, searchPeople } from './people-search.ts';
import { mostFrequent } from './suggestions.ts';

/** The CRM: profiles, custom data, events and the e-mail subscription. A profile is found by its id or its e-mail. */
export const people: Handlers = {
  'website.getPeopleStatistics': ({ website }) => resolved({ total: website.people.size }),

  'website.listPeopleProfiles': (call) => {
    const found = searchPeople(call.website.people.values(), call.query);
    return page(pageOf(call, found, pageSize(call.query)).map(personView));
  },

  'website.addNewPeopleProfile': (call) => {
    const { email = '', active: _active, ...profile } = parseBody(NewProfile, call.body);
    if (email !== '' && findByEmail(call.website, email) !== undefined) throw new Refusal(PEOPLE_EXISTS);
    const people_id = call.state.newId();
    call.website.people.set(people_id, {
      people_id,
      email,
      profile: { company: {}, segments: [], notepad: '', ...profile },
      active: { now: false, last: call.now },
      score: 0,
      created_at: call.now,
      updated_at: call.now,
      data: {},
      events: [],
      subscribed: true,
    });
    return added({ people_id });
  },

  'website.checkPeopleProfileExists': (call) => {
    findPerson(call);
    return resolved({});
  },

  'website.getPeopleProfile': (call) => resolved(personView(findPerson(call))),

  'website.savePeopleProfile': (call) => {
    const person = findPerson(call);
    const { email = '', active: _active, ...profile } = parseBody(NewProfile, call.body);
    rename(call.website, person, email);
    person.profile = { company: {}, segments: [], notepad: '', ...profile };
    person.updated_at = call.now;
    return saved();
  },

  'website.updatePeopleProfile': (call) => {
    const person = findPerson(call);
    const { email, active: _active, ...profile } = parseBody(Profile, call.body);
    if (email !== undefined) rename(call.website, person, email);
    person.profile = mergeFields(person.profile, profile);
    person.updated_at = call.now;
    return updated();
  },

  'website.removePeopleProfile': (call) => {
    call.website.people.delete(findPerson(call).people_id);
    return deleted();
  },

  'website.getPeopleData': (call) => resolved({ data: findPerson(call).data }),
  'website.savePeopleData': (call) => {
    const person = findPerson(call);
    person.data = parseBody(CustomData, call.body).data;
    person.updated_at = call.now;
    return saved();
  },
  'website.updatePeopleData': (call) => {
    const person = findPerson(call);
    person.data = mergeFields(person.data, parseBody(CustomData, call.body).data);
    person.updated_at = call.now;
    return updated();
  },

  'website.addPeopleEvent': (call) => {
    const person = findPerson(call);
    const { text, data = {}, color = 'grey' } = parseBody(NewEvent, call.body);
    person.events = [{ text, data, color, timestamp: call.now }, ...person.events].slice(0, MOST_EVENTS);
    return added();
  },
  'website.listPeopleEvents': (call) => page(pageOf(call, findPerson(call).events)),

  'website.getPeopleSubscriptionStatus': (call) => resolved({ email: findPerson(call).subscribed }),
  'website.updatePeopleSubscriptionStatus': (call) => {
    findPerson(call).subscribed = parseBody(Subscription, call.body).email;
    return updated();
  },

  'website.listPeopleConversations': (call) => {
    const person = findPerson(call);
    const sessions = [...call.website.conversations.values()]
      .filter((conversation) => conversation.people_id === person.people_id)
      .filter((conversation) => !flag(call.query, 'filter_unread') || unreadFrom(conversation, 'user').length > 0)
      .filter((conversation) => !flag(call.query, 'filter_resolved') || conversation.state === 'resolved')
      .filter((conversation) => !flag(call.query, 'filter_not_resolved') || conversation.state !== 'resolved')
      .sort((a, b) => b.updated_at - a.updated_at)
      .map((conversation) => conversation.session_id);
    return page(pageOf(call, sessions));
  },

  'website.listSuggestedPeopleSegments': (call) => {
    const segments = [...call.website.people.values()].map(({ profile }) => profile.segments);
    return page(pageOf(call, mostFrequent('segment', segments)));
  },
  'website.listSuggestedPeopleDataKeys': (call) =>
    page(
      pageOf(
        call,
        mostFrequent(
          'key',
          [...call.website.people.values()].map(({ data }) => Object.keys(data)),
        ),
      ),
    ),
  'website.listSuggestedPeopleEvents': (call) => {
    const events = [...call.website.people.values()].map((person) => person.events.map(({ text }) => text));
    return page(pageOf(call, mostFrequent('text', events)));
  },
};

const MOST_EVENTS = 1_000;

const Company = z.looseObject({ name: z.string().optional(), domain: z.string().optional() });
const common = {
  email: z.string().max(320).optional(),
  company: Company.optional(),
  segments: z.array(z.string()).optional(),
  notepad: z.string().optional(),
  active: z.number().optional(),
};
const Profile = z.strictObject({ ...common, person: z.looseObject({ nickname: z.string().optional() }).optional() });
/** A nickname is reported to be required on create and on PUT. */
const NewProfile = z.strictObject({ ...common, person: z.looseObject({ nickname: z.string() }) });
/** `data` wraps the map on the wire. */
const CustomData = z.strictObject({
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
const NewEvent = z.object({
  text: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  color: z.string().optional(),
});
const Subscription = z.object({ email: z.boolean() });

function findPerson(call: Call): Person {
  const key = param(call, 'people_id');
  const person = call.website.people.get(key) ?? findByEmail(call.website, key);
  if (person === undefined) throw new Refusal(PEOPLE_NOT_FOUND);
  return person;
}

function findByEmail(website: Website, email: string): Person | undefined {
  const wanted = email.toLowerCase();
  if (!wanted.includes('@')) return undefined;
  return [...website.people.values()].find((person) => person.email.toLowerCase() === wanted);
}

function rename(website: Website, person: Person, email: string): void {
  const holder = email === '' ? undefined : findByEmail(website, email);
  if (holder !== undefined && holder !== person) throw new Refusal(PEOPLE_EXISTS);
  person.email = email;
}
