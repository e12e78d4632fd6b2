import { choice, type Fields, list, object, required, text, uuid, whole } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Sub-inboxes, into which conversations are sorted by conditions. */
const settings: Fields = {
  name: required(text('Name', { min: 1 })),
  emoji: text('Icon'),
  order: whole('Place in the list'),
  operators: list('Who has it, from list_all_crisp_operators', uuid('')),
  teams: list('Which teams have it, from list_all_crisp_teams', uuid('')),
  conditions: list(
    'Which conversations go there',
    object('', {
      model: choice('', ['session']),
      criterion: text('Such as segments'),
      operator: choice('', ['eq', 'neq', 'gte', 'lte', 'gt', 'lt']),
      query: list('', text('')),
    }),
  ),
  operator: choice('Between conditions', ['and', 'or']),
};

export const inboxes: Family = {
  tags: ['inboxes'],
  operations: [
    {
      id: 'website.listInboxes',
      method: 'GET',
      path: '/website/{website_id}/inboxes/list/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_inboxes',
        title: 'List inboxes',
        description: 'Lists the sub-inboxes: inbox_id, name, operators, teams, conditions that fill it.',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.batchOrderInboxes',
      method: 'PATCH',
      path: '/website/{website_id}/inboxes/batch/order',
      tiers: TIERS.user,
      body: {
        orders: required(
          list(
            'Inboxes and their places',
            object('', {
              inbox_id: required(uuid('From list_all_crisp_inboxes')),
              order: required(whole('')),
            }),
            { min: 1 },
          ),
        ),
      },
      tool: {
        name: 'crisp_inboxes_reorder',
        title: 'Reorder inboxes',
        description: 'Sets the places of several inboxes in the list.',
        class: 'custom',
      },
    },
    {
      id: 'website.createNewInbox',
      method: 'POST',
      path: '/website/{website_id}/inbox',
      tiers: TIERS.user,
      body: settings,
      tool: {
        name: 'create_a_crisp_inbox',
        title: 'Create an inbox',
        description: 'Creates a sub-inbox, which conversations that meet its conditions go to. Returns its inbox_id.',
        class: 'create',
      },
    },
    {
      id: 'website.checkInboxExists',
      method: 'HEAD',
      path: '/website/{website_id}/inbox/{inbox_id}',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_inboxes_exists',
        title: 'Check an inbox',
        description: 'Tells whether an inbox with this inbox_id exists.',
        class: 'custom',
      },
    },
    {
      id: 'website.getInbox',
      method: 'GET',
      path: '/website/{website_id}/inbox/{inbox_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_inbox_by_id',
        title: 'Get an inbox',
        description: 'Gets one sub-inbox: name, operators, teams, conditions.',
        class: 'get',
      },
    },
    {
      id: 'website.saveInbox',
      method: 'PUT',
      path: '/website/{website_id}/inbox/{inbox_id}',
      tiers: TIERS.user,
      body: settings,
      tool: {
        name: 'update_a_crisp_inbox_by_id',
        title: 'Replace an inbox',
        description:
          'Replaces all settings of an inbox (PUT): whatever is not sent is lost, so read get_single_crisp_inbox_by_id first.',
        class: 'update',
      },
    },
    {
      id: 'website.deleteInbox',
      method: 'DELETE',
      path: '/website/{website_id}/inbox/{inbox_id}',
      tiers: TIERS.user,
      tool: {
        name: 'delete_a_crisp_inbox',
        title: 'Delete an inbox',
        description: 'Deletes a sub-inbox. It cannot be brought back.',
        class: 'delete',
      },
    },
  ],
};
