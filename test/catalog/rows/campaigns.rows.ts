import { type Rows, WEBSITE } from '../row.ts';

export const campaigns: Rows = {
  'website.listCampaigns': {
    call: (a) => [WEBSITE, a.page_number],
    without: [
      'search_name',
      'filter_tag',
      'filter_type_one_shot',
      'filter_type_automated',
      'filter_status_not_configured',
      'filter_status_ready',
      'filter_status_paused',
      'filter_status_sending',
      'filter_status_done',
    ],
  },
  'website.getCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.createNewCampaign': { call: (a) => [WEBSITE, a.type, a.name] },
  'website.listCampaignTags': { call: () => [WEBSITE] },
  'website.checkCampaignExists': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.saveCampaign': { call: ({ campaign_id, ...body }) => [WEBSITE, campaign_id, body] },
  'website.updateCampaign': { call: ({ campaign_id, ...body }) => [WEBSITE, campaign_id, body] },
  'website.removeCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
};
