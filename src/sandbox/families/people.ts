import { z } from 'zod';
import { added, deleted, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { PEOPLE_EXISTS, PEOPLE_NOT_FOUND } from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import { pageOf, pageSize } from '../query.ts';
import type { Person, Website } from '../website.ts';
import { personView, searchPeople } from './people-search.ts';

/** The CRM: profiles of people. One is found by its id or its e-mail. */
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
};

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

/** The person whom the path names by id or e-mail. */
export function findPerson(call: Call): Person {
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
