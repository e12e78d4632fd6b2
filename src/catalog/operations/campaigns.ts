import { choice, flag, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

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
      id: 'website.getCampaign',
      method: 'GET',
      path: '/website/{website_id}/campaign/{campaign_id}',
      tiers: TIERS.user,
      tool: {
        name: 'get_single_crisp_campaign_by_id',
        title: 'Get a campaign',
        description:
          'Gets one campaign: message, sender, recipients, flow, options, status and statistics. Needs a user-tier credential.',
        class: 'get',
      },
    },
    {
      id: 'website.createNewCampaign',
      method: 'POST',
      path: '/website/{website_id}/campaign',
      tiers: TIERS.user,
      body: {
        type: required(choice('one-shot is sent once, automated on events', ['one-shot', 'automated'])),
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
  ],
};
