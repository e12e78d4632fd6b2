import { z } from 'zod';
import { acted, added, page, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Handlers } from '../handler.ts';
import { mergeFields } from '../merge.ts';
import { flag, pageOf } from '../query.ts';
import { recipientsOf } from './campaign-progress.ts';
import { unreadFrom } from './conversation-view.ts';
import { findPerson } from './people.ts';

/** What people did and what is known of them beside their profile; import and export. */
export const peopleActivity: Handlers = {
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

  'website.listPeopleCampaigns': (call) => {
    const person = findPerson(call);
    const received = [...call.website.campaigns.values()].flatMap((campaign) => {
      const { dispatched_at, campaign_id, type, created_at, updated_at, settings } = campaign;
      if (dispatched_at === null || !recipientsOf(campaign, call.website).includes(person)) return [];
      const { name } = settings;
      const statistics: readonly string[] = [];
      return [
        { campaign_id, type, name, created_at, updated_at, dispatched_at, occurred_at: dispatched_at, statistics },
      ];
    });
    return page(pageOf(call, received));
  },

  'website.exportPeopleProfiles': () => acted(),
  /** Nothing is fetched, so nobody is imported. */
  'website.importPeopleProfiles': (call) => {
    parseBody(Import, call.body);
    return acted({ import_id: call.state.newId() });
  },
};

const MOST_EVENTS = 1_000;

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
const Import = z.strictObject({
  url: z.url(),
  mapping: z.array(z.strictObject({ column: z.int(), field: z.string() })).min(1),
  options: z.strictObject({ column_separator: z.string().optional(), skip_header: z.boolean().optional() }).optional(),
});
