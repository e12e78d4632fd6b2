import { type Rows, WEBSITE } from '../row.ts';

export const campaignTemplates: Rows = {
  'website.listCampaignTemplates': {
    call: (a) => [WEBSITE, a.page_number],
    without: ['search_name', 'filter_type_static', 'filter_type_custom'],
  },
  'website.createNewCampaignTemplate': { call: (a) => [WEBSITE, a.format, a.name] },
  'website.checkCampaignTemplateExists': { call: (a) => [WEBSITE, a.template_id] },
  'website.getCampaignTemplate': { call: (a) => [WEBSITE, a.template_id] },
  'website.saveCampaignTemplate': { call: ({ template_id, ...body }) => [WEBSITE, template_id, body] },
  'website.updateCampaignTemplate': { call: ({ template_id, ...body }) => [WEBSITE, template_id, body] },
  'website.removeCampaignTemplate': { call: (a) => [WEBSITE, a.template_id] },
};
