import { z } from 'zod';
import { deleted, page } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Call, Handlers } from '../handler.ts';
import { pageOf } from '../query.ts';
import type { Person } from '../website.ts';
import { forgetSuggestion, suggestions } from './suggestions.ts';

/** What the app suggests of people: segments, keys of custom data, events. Deleting one changes no profile. */
export const peopleSuggestions: Handlers = {
  'website.listSuggestedPeopleSegments': (call) => page(pageOf(call, segments(call))),
  'website.deleteSuggestedPeopleSegment': (call) => {
    forgetSuggestion(call, 'people segment', parseBody(Segment, call.body).segment, segments(call));
    return deleted();
  },

  'website.listSuggestedPeopleDataKeys': (call) => page(pageOf(call, dataKeys(call))),
  'website.deleteSuggestedPeopleDataKey': (call) => {
    forgetSuggestion(call, 'people data', parseBody(Key, call.body).key, dataKeys(call));
    return deleted();
  },

  'website.listSuggestedPeopleEvents': (call) => page(pageOf(call, events(call))),
  'website.deleteSuggestedPeopleEvent': (call) => {
    forgetSuggestion(call, 'people event', parseBody(Event, call.body).text, events(call));
    return deleted();
  },
};

const Segment = z.strictObject({ segment: z.string() });
const Key = z.strictObject({ key: z.string() });
const Event = z.strictObject({ text: z.string() });

const ofAll = (call: Call, texts: (person: Person) => unknown) => [...call.website.people.values()].map(texts);
const segments = (call: Call) =>
  suggestions(
    call,
    'people segment',
    'segment',
    ofAll(call, ({ profile }) => profile.segments),
  );
const dataKeys = (call: Call) =>
  suggestions(
    call,
    'people data',
    'key',
    ofAll(call, ({ data }) => Object.keys(data)),
  );
const events = (call: Call) =>
  suggestions(
    call,
    'people event',
    'text',
    ofAll(call, (person) => person.events.map(({ text }) => text)),
  );
