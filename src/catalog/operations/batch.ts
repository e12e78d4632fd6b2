import { type Arguments, type Fields, flag, list, nullable, object, required, text, uuid } from '../fields.ts';
import { sessionId } from '../identifiers.ts';
import { type Family, type Problem, TIERS } from '../operation.ts';
import { customData } from './shapes.ts';

/**
 * Changes of many conversations or people at once. Which things is said by naming them, or, where Crisp takes it, by an
 * inbox or a search; none of these is refused here, because Crisp may take it for all.
 */
const sessions = list('session_ids, from list_all_crisp_conversations', sessionId(''), { min: 1 });
const theseSessions = required(sessions);
const sessionsOrInbox: Fields = {
  sessions,
  inbox_id: nullable(uuid('All of this inbox, from list_all_crisp_inboxes; only without sessions')),
};
const people = required(
  object('Whom', {
    profiles: list('people_ids, from list_all_crisp_people_profiles', text('', { min: 1 }), { min: 1 }),
    search: text('All whom this finds', { min: 1 }),
  }),
);
const segments = required(list('All segments', text('', { min: 1 })));

export const batch: Family = {
  tags: ['conversations'],
  operations: [
    {
      id: 'website.batchResolveConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/resolve',
      tiers: TIERS.user,
      body: sessionsOrInbox,
      check: namesConversations,
      tool: {
        name: 'crisp_conversations_batch_resolve',
        title: 'Resolve many conversations',
        description: 'Resolves the given conversations, or all of an inbox.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.batchUnresolveConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/unresolve',
      tiers: TIERS.unknown,
      body: sessionsOrInbox,
      check: namesConversations,
      tool: {
        name: 'crisp_conversations_batch_unresolve',
        title: 'Reopen many conversations',
        description: 'Sets the given conversations, or all of an inbox, to unresolved.',
        class: 'custom',
      },
    },
    {
      id: 'website.batchReadConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/read',
      tiers: TIERS.user,
      body: sessionsOrInbox,
      check: namesConversations,
      tool: {
        name: 'crisp_conversations_batch_read',
        title: 'Mark many conversations as read',
        description: 'Marks the given conversations, or all of an inbox, as read by the team.',
        class: 'custom',
      },
    },
    {
      id: 'website.batchUnreadConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/unread',
      tiers: TIERS.unknown,
      body: sessionsOrInbox,
      check: namesConversations,
      tool: {
        name: 'crisp_conversations_batch_unread',
        title: 'Mark many conversations as unread',
        description: 'Marks the given conversations, or all of an inbox, as unread.',
        class: 'custom',
      },
    },
    {
      id: 'website.batchRemoveConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/remove',
      tiers: TIERS.user,
      body: sessionsOrInbox,
      check: namesConversations,
      tool: {
        name: 'crisp_conversations_batch_remove',
        title: 'Delete many conversations',
        description: 'Removes the given conversations, or all of an inbox, for good.',
        class: 'custom',
        destructive: true,
      },
    },
    {
      id: 'website.batchRemovePeople',
      method: 'PATCH',
      path: '/website/{website_id}/batch/remove',
      tiers: TIERS.user,
      body: { people },
      check: namesPeople,
      tool: {
        name: 'crisp_people_batch_remove',
        title: 'Delete many people',
        description: 'Removes the profiles of the given people, or of all that a search finds, for good.',
        class: 'custom',
        tags: ['people', 'crm'],
        destructive: true,
      },
    },
    {
      id: 'website.batchReportConversations',
      method: 'POST',
      path: '/website/{website_id}/batch/report',
      tiers: TIERS.unknown,
      body: { sessions: theseSessions, flag: required(text('Why, such as spam', { min: 1 })) },
      tool: {
        name: 'crisp_conversations_batch_report',
        title: 'Report many conversations',
        description: 'Reports conversations to Crisp, all for the same reason.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.batchBlockConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/block',
      tiers: TIERS.unknown,
      body: { sessions: theseSessions, blocked: required(flag('false lifts the block')) },
      tool: {
        name: 'crisp_conversations_batch_block',
        title: 'Block many visitors',
        description: 'Blocks the incoming messages of several conversations, or lets them in again.',
        class: 'custom',
      },
    },
    {
      id: 'website.batchRoutingConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/routing',
      tiers: TIERS.unknown,
      body: {
        sessions: theseSessions,
        assigned: required(
          nullable(
            object('The operator; null assigns to nobody', {
              user_id: required(uuid('From list_all_crisp_operators')),
            }),
          ),
        ),
      },
      tool: {
        name: 'crisp_conversations_batch_assign',
        title: 'Assign many conversations',
        description: 'Assigns several conversations to one operator, or to nobody with assigned: null.',
        class: 'custom',
      },
    },
    {
      id: 'website.batchInboxConversations',
      method: 'PATCH',
      path: '/website/{website_id}/batch/inbox',
      tiers: TIERS.unknown,
      body: {
        sessions: theseSessions,
        inbox_id: required(nullable(uuid('From list_all_crisp_inboxes; null: the main inbox'))),
      },
      tool: {
        name: 'crisp_conversations_batch_move',
        title: 'Move many conversations',
        description: 'Moves several conversations to one inbox, or back to the main one with inbox_id: null.',
        class: 'custom',
        tags: ['inboxes'],
      },
    },
    {
      id: 'website.batchUpdateConversationsData',
      method: 'PATCH',
      path: '/website/{website_id}/batch/data',
      tiers: TIERS.unknown,
      body: { sessions: theseSessions, data: required(customData('By key')) },
      tool: {
        name: 'crisp_conversations_batch_data',
        title: 'Set data of many conversations',
        description: 'Sets the same custom data on several conversations.',
        class: 'custom',
        destructive: true,
      },
    },
    {
      id: 'website.batchUpdatePeopleData',
      method: 'PATCH',
      path: '/website/{website_id}/batch/data',
      tiers: TIERS.unknown,
      body: { people, data: required(customData('By key')) },
      check: namesPeople,
      tool: {
        name: 'crisp_people_batch_data',
        title: 'Set data of many people',
        description: 'Sets the same custom data on the given people, or on all that a search finds.',
        class: 'custom',
        tags: ['people', 'crm'],
        destructive: true,
      },
    },
    {
      id: 'website.batchUpdateConversationsSegments',
      method: 'PATCH',
      path: '/website/{website_id}/batch/segments',
      tiers: TIERS.unknown,
      body: { sessions: theseSessions, segments },
      tool: {
        name: 'crisp_conversations_batch_segments',
        title: 'Set segments of many conversations',
        description: 'Gives several conversations the same segments. Those they had may be lost.',
        class: 'custom',
        destructive: true,
      },
    },
    {
      id: 'website.batchUpdatePeopleSegments',
      method: 'PATCH',
      path: '/website/{website_id}/batch/segments',
      tiers: TIERS.unknown,
      body: { people, segments },
      check: namesPeople,
      tool: {
        name: 'crisp_people_batch_segments',
        title: 'Set segments of many people',
        description: 'Gives the people named or found by a search the same segments. Those they had may be lost.',
        class: 'custom',
        tags: ['people', 'crm'],
        destructive: true,
      },
    },
  ],
};

function namesConversations({ sessions: named, inbox_id }: Arguments): readonly Problem[] {
  if (named === undefined && typeof inbox_id !== 'string') {
    return [{ field: 'sessions', message: 'is required, or inbox_id for all conversations of that inbox' }];
  }
  return named !== undefined && typeof inbox_id === 'string'
    ? [{ field: 'inbox_id', message: 'cannot be combined with sessions: pass one of the two' }]
    : [];
}

function namesPeople({ people: whom }: Arguments): readonly Problem[] {
  return typeof whom === 'object' && whom !== null && Object.keys(whom).length > 0
    ? []
    : [{ field: 'people', message: 'must have profiles or search' }];
}
