import { type Fields, flag, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { nothingToChange } from './shapes.ts';

/** Designs for the messages of campaigns. Unlike campaigns themselves they are open to plugins. */
const template: Fields = {
  name: text('Name for the team'),
  format: text('Such as html'),
  content: text('Whole design'),
};

export const campaignTemplates: Family = {
  tags: ['campaigns'],
  operations: [
    {
      id: 'website.listCampaignTemplates',
      method: 'GET',
      path: '/website/{website_id}/campaigns/templates/{page_number}',
      tiers: TIERS.open,
      query: {
        search_name: text('Part of the name', { min: 1 }),
        filter_type_static: flag('Only static'),
        filter_type_custom: flag('Only custom'),
      },
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_campaign_templates',
        title: 'List campaign templates',
        description: 'Lists templates for campaigns a page at a time: template_id, type, name, format.',
        class: 'list',
      },
    },
    {
      id: 'website.createNewCampaignTemplate',
      method: 'POST',
      path: '/website/{website_id}/campaigns/template',
      tiers: TIERS.open,
      body: {
        format: required(text('Such as html', { min: 1 })),
        name: required(text('Name for the team', { min: 1 })),
      },
      tool: {
        name: 'create_a_crisp_campaign_template',
        title: 'Create a campaign template',
        description:
          'Creates an empty template for campaigns and returns its template_id. update_a_crisp_campaign_template_fields_by_id gives it content.',
        class: 'create',
      },
    },
    {
      id: 'website.checkCampaignTemplateExists',
      method: 'HEAD',
      path: '/website/{website_id}/campaigns/template/{template_id}',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_campaign_templates_exists',
        title: 'Check whether a campaign template exists',
        description: 'Tells whether there is a template for campaigns with this id, without reading it.',
        class: 'custom',
      },
    },
    {
      id: 'website.getCampaignTemplate',
      method: 'GET',
      path: '/website/{website_id}/campaigns/template/{template_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_campaign_template_by_id',
        title: 'Get a campaign template',
        description: 'Gets one template for campaigns with its content.',
        class: 'get',
      },
    },
    {
      id: 'website.saveCampaignTemplate',
      method: 'PUT',
      path: '/website/{website_id}/campaigns/template/{template_id}',
      tiers: TIERS.open,
      body: template,
      check: (args) => nothingToChange(args, ['template_id']),
      tool: {
        name: 'update_a_crisp_campaign_template_by_id',
        title: 'Replace a campaign template',
        description:
          'Replaces a template for campaigns (PUT): what is not sent is lost. To change single fields use update_a_crisp_campaign_template_fields_by_id.',
        class: 'update',
      },
    },
    {
      id: 'website.updateCampaignTemplate',
      method: 'PATCH',
      path: '/website/{website_id}/campaigns/template/{template_id}',
      tiers: TIERS.open,
      body: template,
      check: (args) => nothingToChange(args, ['template_id']),
      tool: {
        name: 'update_a_crisp_campaign_template_fields_by_id',
        title: 'Change fields of a campaign template',
        description:
          'Changes only the given fields of a template for campaigns (PATCH); content is replaced as a whole.',
        class: 'update',
        destructive: true,
      },
    },
    {
      id: 'website.removeCampaignTemplate',
      method: 'DELETE',
      path: '/website/{website_id}/campaigns/template/{template_id}',
      tiers: TIERS.open,
      tool: {
        name: 'delete_a_crisp_campaign_template',
        title: 'Delete a campaign template',
        description: 'Deletes a template for campaigns. It cannot be brought back.',
        class: 'delete',
      },
    },
  ],
};
