import { required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Addresses of the public helpdesk that lead to others, such as those of articles that moved. */
export const helpdeskRedirections: Family = {
  tags: ['helpdesk'],
  operations: [
    {
      id: 'website.listHelpdeskRedirections',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/redirections/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_helpdesk_redirections',
        title: 'List helpdesk redirections',
        description: 'Lists redirections of the public helpdesk: redirection_id, path and target.',
        class: 'list',
      },
    },
    {
      id: 'website.addHelpdeskRedirection',
      method: 'POST',
      path: '/website/{website_id}/helpdesk/redirection',
      tiers: TIERS.open,
      body: {
        path: required(text('Such as /en/article/old-1abc/, not in list_all_crisp_helpdesk_redirections', { min: 1 })),
        target: required(text('Public path to lead to, as in URLs of list_all_crisp_helpdesk_pages', { min: 1 })),
      },
      tool: {
        name: 'create_a_crisp_helpdesk_redirection',
        title: 'Add a helpdesk redirection',
        description:
          'Makes one path of the public helpdesk lead to another, and returns the redirection_id. It cannot be changed, only deleted and added anew.',
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.checkHelpdeskRedirectionExists',
      method: 'HEAD',
      path: '/website/{website_id}/helpdesk/redirection/{redirection_id}',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_helpdesk_redirections_exists',
        title: 'Check whether a helpdesk redirection exists',
        description: 'Tells whether the public helpdesk has a redirection with this id.',
        class: 'custom',
      },
    },
    {
      id: 'website.resolveHelpdeskRedirection',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/redirection/{redirection_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_helpdesk_redirection_by_id',
        title: 'Get a helpdesk redirection',
        description: 'Gets one redirection of the public helpdesk: path and target.',
        class: 'get',
      },
    },
    {
      id: 'website.deleteHelpdeskRedirection',
      method: 'DELETE',
      path: '/website/{website_id}/helpdesk/redirection/{redirection_id}',
      tiers: TIERS.open,
      tool: {
        name: 'delete_a_crisp_helpdesk_redirection',
        title: 'Delete a helpdesk redirection',
        description: 'Deletes a redirection of the public helpdesk; links to its old path break.',
        class: 'delete',
        openWorld: true,
      },
    },
  ],
};
