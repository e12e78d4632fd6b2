import { required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Changes of the helpdesk: who changed which articles and how, and taking one back. */
export const helpdeskHistory: Family = {
  tags: ['helpdesk'],
  operations: [
    {
      id: 'website.listHelpdeskHistoryChanges',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/history/changes/{page_number}',
      tiers: TIERS.unknown,
      query: {
        filter_locale: text('Only this locale, such as en', { min: 1 }),
        filter_type: text('Only this part, such as articles', { min: 1 }),
        filter_tree_path: text('Only this path', { min: 1 }),
      },
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_helpdesk_changes',
        title: 'List changes of the helpdesk',
        description:
          'Lists changes of helpdesk articles a page at a time: change_id, message, author, lines added and removed, files with their content.',
        class: 'list',
      },
    },
    {
      id: 'website.resolveHelpdeskHistoryChange',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/history/change/{change_id}',
      tiers: TIERS.unknown,
      tool: {
        name: 'get_single_crisp_helpdesk_change_by_id',
        title: 'Get a change of the helpdesk',
        description: 'Gets one change of helpdesk articles with the files it concerns.',
        class: 'get',
      },
    },
    {
      id: 'website.cancelHelpdeskHistoryChange',
      method: 'DELETE',
      path: '/website/{website_id}/helpdesk/history/change/{change_id}',
      tiers: TIERS.unknown,
      body: { action: required(text('How to cancel; its values are not documented', { min: 1 })) },
      tool: {
        name: 'crisp_helpdesk_changes_cancel',
        title: 'Cancel a change of the helpdesk',
        description: 'Cancels one change of helpdesk articles, which may alter what the public reads.',
        class: 'custom',
        openWorld: true,
      },
    },
  ],
};
