import { flag, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { PEOPLE_TAGS } from './people.ts';
import { customData } from './shapes.ts';

/** What hangs on a person beside the profile: custom data, events, the e-mail subscription, conversations, campaigns. */
export const peopleActivity: Family = {
  tags: PEOPLE_TAGS,
  operations: [
    {
      id: 'website.getPeopleData',
      method: 'GET',
      path: '/website/{website_id}/people/data/{people_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_people_data_by_id',
        title: 'Get custom data of a person',
        description: 'Gets the custom data of one person: keys with a text, number or true/false each.',
        class: 'get',
      },
    },
    {
      id: 'website.savePeopleData',
      method: 'PUT',
      path: '/website/{website_id}/people/data/{people_id}',
      tiers: TIERS.open,
      body: { data: required(customData('All custom data')) },
      tool: {
        name: 'update_a_crisp_people_data_by_id',
        title: 'Replace custom data of a person',
        description:
          'Replaces all custom data of a person (PUT): keys that are not sent are lost. To change single keys use update_a_crisp_people_data_fields_by_id.',
        class: 'update',
      },
    },
    {
      id: 'website.updatePeopleData',
      method: 'PATCH',
      path: '/website/{website_id}/people/data/{people_id}',
      tiers: TIERS.open,
      body: { data: required(customData('Keys to set')) },
      tool: {
        name: 'update_a_crisp_people_data_fields_by_id',
        title: 'Set custom data of a person',
        description: 'Sets the given keys of the custom data of a person (PATCH) and keeps the others.',
        class: 'update',
        destructive: true,
      },
    },
    {
      id: 'website.listPeopleEvents',
      method: 'GET',
      path: '/website/{website_id}/people/events/{people_id}/list/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_people_events',
        title: 'List events of a person',
        description: 'Lists what one person did, a page at a time: text, data, color and timestamp of each event.',
        class: 'list',
      },
    },
    {
      id: 'website.addPeopleEvent',
      method: 'POST',
      path: '/website/{website_id}/people/events/{people_id}',
      tiers: TIERS.open,
      body: {
        text: required(text('What happened, such as Added item to basket', { min: 1 })),
        data: customData('Details'),
        color: text('Such as red', { min: 1 }),
      },
      tool: {
        name: 'create_a_crisp_people_event',
        title: 'Add an event to a person',
        description:
          'Adds an event to the log of a person. It cannot be removed again, and automated campaigns may be set up to start at it.',
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.getPeopleSubscriptionStatus',
      method: 'GET',
      path: '/website/{website_id}/people/subscription/{people_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_people_subscription_by_id',
        title: 'Get the e-mail subscription of a person',
        description: 'Gets whether a person receives e-mail campaigns.',
        class: 'get',
        tags: ['campaigns'],
      },
    },
    {
      id: 'website.updatePeopleSubscriptionStatus',
      method: 'PATCH',
      path: '/website/{website_id}/people/subscription/{people_id}',
      tiers: TIERS.open,
      body: { email: required(flag('Whether to send e-mail campaigns')) },
      tool: {
        name: 'update_a_crisp_people_subscription_by_id',
        title: 'Change the e-mail subscription of a person',
        description:
          'Subscribes a person to e-mail campaigns or unsubscribes them. Subscribing somebody again who has unsubscribed needs their consent.',
        class: 'update',
        destructive: true,
        tags: ['campaigns'],
      },
    },
    {
      id: 'website.listPeopleConversations',
      method: 'GET',
      path: '/website/{website_id}/people/conversations/{people_id}/list/{page_number}',
      tiers: TIERS.open,
      query: {
        filter_unread: flag('Only with unread messages'),
        filter_resolved: flag('Only resolved'),
        filter_not_resolved: flag('Only not resolved'),
      },
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_people_conversations',
        title: 'List conversations of a person',
        description:
          'Lists the session_ids of the conversations of one person. get_single_crisp_conversation_by_id reads one.',
        class: 'list',
        tags: ['support', 'conversations'],
      },
    },
    {
      id: 'website.listPeopleCampaigns',
      method: 'GET',
      path: '/website/{website_id}/people/campaigns/{people_id}/list/{page_number}',
      tiers: TIERS.user,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_people_campaigns',
        title: 'List campaigns of a person',
        description:
          'Lists the campaigns that one person was sent: campaign_id, type, name, when, and what the person did with them. Needs a user-tier credential.',
        class: 'list',
        tags: ['campaigns'],
      },
    },
  ],
};
