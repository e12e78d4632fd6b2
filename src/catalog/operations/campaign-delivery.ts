import { required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** A campaign on its way: whom it is for, the test, sending, pausing, and what came of it. */
export const campaignDelivery: Family = {
  tags: ['campaigns'],
  operations: [
    {
      id: 'website.listCampaignRecipients',
      method: 'GET',
      path: '/website/{website_id}/campaign/{campaign_id}/recipients/{page_number}',
      tiers: TIERS.user,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_campaign_recipients',
        title: 'List recipients of a campaign',
        description:
          'Lists who would receive a one-shot campaign that has not been dispatched: people_id, e-mail, name, whether subscribed. Needs a user-tier credential.',
        class: 'list',
      },
    },
    {
      id: 'website.testCampaign',
      method: 'POST',
      path: '/website/{website_id}/campaign/{campaign_id}/test',
      tiers: TIERS.user,
      tool: {
        name: 'crisp_campaigns_test',
        title: 'Test a campaign',
        description:
          'Sends a test of a campaign that is ready, not the campaign itself. To whom the test goes is not documented. Needs a user-tier credential.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.dispatchCampaign',
      method: 'POST',
      path: '/website/{website_id}/campaign/{campaign_id}/dispatch',
      tiers: TIERS.user,
      answer: { note: 'Sending goes on in the background; get_single_crisp_campaign_by_id shows progress.' },
      tool: {
        name: 'crisp_campaigns_dispatch',
        title: 'Send a campaign',
        description:
          'Sends a campaign that is ready to all its recipients; an automated one starts to run. What has been sent cannot be recalled; crisp_campaigns_pause stops the rest. Whether a second dispatch is refused is not documented. Needs a user-tier credential.',
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.pauseCampaign',
      method: 'POST',
      path: '/website/{website_id}/campaign/{campaign_id}/pause',
      tiers: TIERS.user,
      tool: {
        name: 'crisp_campaigns_pause',
        title: 'Pause a campaign',
        description:
          'Stops a dispatched campaign from sending further. crisp_campaigns_resume continues it. Needs a user-tier credential.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.resumeCampaign',
      method: 'POST',
      path: '/website/{website_id}/campaign/{campaign_id}/resume',
      tiers: TIERS.user,
      tool: {
        name: 'crisp_campaigns_resume',
        title: 'Resume a campaign',
        description:
          'Continues a dispatched campaign that was paused: it sends to the recipients it has not reached yet. Needs a user-tier credential.',
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.listCampaignStatistics',
      method: 'GET',
      path: '/website/{website_id}/campaign/{campaign_id}/statistics/{action}/{page_number}',
      tiers: TIERS.user,
      parameters: { action: required(text('Such as opened, clicked or unsubscribed', { min: 1, max: 64 })) },
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_campaign_statistics',
        title: 'List reactions to a campaign',
        description:
          'Lists the people who did one thing with a campaign, such as open it: profile, data and time. The totals are in get_single_crisp_campaign_by_id. Needs a user-tier credential.',
        class: 'list',
        tags: ['analytics'],
      },
    },
  ],
};
