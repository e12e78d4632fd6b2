import { choice, type Fields, flag, list, nullable, object, required, text, uuid, whole } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { nothingToChange, searchFilter } from './shapes.ts';

const KINDS = ['one-shot', 'automated'];

/** What a user writes of a campaign; ready, progress and statistics are Crisp's own. */
const settings: Fields = {
  name: text('Name for the team'),
  type: choice('Kind', KINDS),
  subject: text('Subject of the e-mail'),
  format: text('Of message, such as markdown'),
  message: text('What is sent'),
  tag: text('Groups campaigns'),
  sender: object('Operator it comes from', { user_id: uuid('From list_all_crisp_operators') }),
  recipients: object('Whom a one-shot campaign is for', {
    type: text('Such as all'),
    segments: list('', text('')),
    people: list('', text('people_id')),
    filter: searchFilter(''),
  }),
  flow: object('When an automated campaign sends', {
    launch_event: text('Event of people that starts it'),
    assert_filter: searchFilter('Must match'),
    assert_delay: whole(''),
    deliver_once: flag('Once a person'),
    deliver_delay: whole(''),
  }),
  options: object('How it is sent', {
    deliver_to_chatbox: flag(''),
    deliver_to_email: flag(''),
    sender_name_website: flag(''),
    sender_email_reply: nullable(flag('')),
    tracking: flag(''),
  }),
};

export const campaigns: Family = {
  tags: ['campaigns'],
  operations: [
    {
      id: 'website.listCampaigns',
      method: 'GET',
      path: '/website/{website_id}/campaigns/list/{page_number}',
      tiers: TIERS.user,
      query: {
        search_name: text('Part of the name', { min: 1 }),
        filter_tag: text('Only this tag', { min: 1 }),
        filter_type_one_shot: flag('Only one-shot'),
        filter_type_automated: flag('Only automated'),
        filter_status_not_configured: flag('Only not configured'),
        filter_status_ready: flag('Only ready'),
        filter_status_paused: flag('Only paused'),
        filter_status_sending: flag('Only sending'),
        filter_status_done: flag('Only done'),
      },
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_campaigns',
        title: 'List campaigns',
        description:
          'Lists campaigns a page at a time: campaign_id, type, name, whether ready, dispatched, running, and progress. Needs a user-tier credential.',
        class: 'list',
      },
    },
    {
      id: 'website.listCampaignTags',
      method: 'GET',
      path: '/website/{website_id}/campaigns/tags',
      tiers: TIERS.user,
      tool: {
        name: 'list_all_crisp_campaign_tags',
        title: 'List campaign tags',
        description: 'Lists the tags that campaigns have. Needs a user-tier credential.',
        class: 'list',
      },
    },
    {
      id: 'website.checkCampaignExists',
      method: 'HEAD',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
      answer: { exists: true },
      tool: {
        name: 'crisp_campaigns_exists',
        title: 'Check whether a campaign exists',
        description:
          'Tells whether there is a campaign with this id, without reading it. Needs a user-tier credential.',
        class: 'custom',
      },
    },
    {
      id: 'website.getCampaign',
      method: 'GET',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
      tool: {
        name: 'get_single_crisp_campaign_by_id',
        title: 'Get a campaign',
        description:
          'Gets one campaign: message, sender, recipients, flow, options, status and statistics (opened, clicked, unsubscribed). Needs a user-tier credential.',
        class: 'get',
      },
    },
    {
      id: 'website.createNewCampaign',
      method: 'POST',
      path: '/website/{website_id}/campaign',
      tiers: TIERS.user,
      body: {
        type: required(choice('one-shot is sent once, automated on events', KINDS)),
        name: required(text('Name of the campaign', { min: 1 })),
      },
      tool: {
        name: 'create_a_crisp_campaign',
        title: 'Create a campaign',
        description:
          'Creates an empty draft of a campaign and returns its campaign_id. Nothing is sent to anybody until it is configured and dispatched. Needs a user-tier credential.',
        class: 'create',
      },
    },
    {
      id: 'website.saveCampaign',
      method: 'PUT',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
      body: settings,
      check: (args) => nothingToChange(args, ['campaign_id']),
      tool: {
        name: 'update_a_crisp_campaign_by_id',
        title: 'Replace a campaign',
        description:
          'Replaces what is set of a campaign (PUT): every field that is not sent is lost. To change single fields use update_a_crisp_campaign_fields_by_id. Crisp sets ready once the campaign can be sent. Needs a user-tier credential.',
        class: 'update',
      },
    },
    {
      id: 'website.updateCampaign',
      method: 'PATCH',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
      body: settings,
      check: (args) => nothingToChange(args, ['campaign_id']),
      tool: {
        name: 'update_a_crisp_campaign_fields_by_id',
        title: 'Change fields of a campaign',
        description:
          'Changes only the given fields of a campaign (PATCH) and keeps the others. Nothing is sent by it. Needs a user-tier credential.',
        class: 'update',
        destructive: true,
      },
    },
    {
      id: 'website.removeCampaign',
      method: 'DELETE',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
      tool: {
        name: 'delete_a_crisp_campaign',
        title: 'Delete a campaign',
        description: 'Deletes a campaign and its statistics. It cannot be brought back. Needs a user-tier credential.',
        class: 'delete',
      },
    },
  ],
};
