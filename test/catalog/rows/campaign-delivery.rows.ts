import { type Rows, WEBSITE } from '../row.ts';

export const campaignDelivery: Rows = {
  'website.listCampaignRecipients': { call: (a) => [WEBSITE, a.campaign_id, a.page_number] },
  'website.testCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.dispatchCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.pauseCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.resumeCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.listCampaignStatistics': { call: (a) => [WEBSITE, a.campaign_id, a.action, a.page_number] },
};
