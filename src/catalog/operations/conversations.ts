import { choice, dateTime, defaulting, flag, list, nullable, object, required, text, uuid, whole } from '../fields.ts';
import { fingerprint } from '../identifiers.ts';
import { type Family, TIERS } from '../operation.ts';
import {
  author,
  changeOrigin,
  customData,
  geolocation,
  messageOrigin,
  nothingToChange,
  pageSize,
  perPage,
  searchFilter,
  searchOperator,
} from './shapes.ts';

export const conversations: Family = {
  tags: ['support', 'conversations'],
  operations: [
    {
      id: 'website.listConversations',
      method: 'GET',
      path: '/website/{website_id}/conversations/{page_number}',
      tiers: TIERS.open,
      query: {
        per_page: perPage,
        search_query: text('Words, or a segment with search_type segment', { min: 1 }),
        search_type: choice('How to read search_query; default text', ['text', 'segment']),
        search_filter: searchFilter('Search by conditions instead of search_query'),
        search_operator: searchOperator,
        include_empty: flag('Also conversations without messages'),
        filter_inbox_id: uuid('Only this one, from list_all_crisp_inboxes'),
        filter_unread: flag('Only with messages the team has not read'),
        filter_resolved: flag('Only resolved'),
        filter_not_resolved: flag('Only pending or unresolved'),
        filter_mention: flag('Only those that mention the caller'),
        filter_assigned: uuid('Only assigned to this user_id, from list_all_crisp_operators'),
        filter_unassigned: flag('Only assigned to nobody'),
        filter_date_start: dateTime('Updated at or after'),
        filter_date_end: dateTime('Updated at or before'),
        order_date_created: flag('Order by creation'),
        order_date_updated: flag('Order by update'),
        order_date_waiting: flag('Longest waiting first, only waiting ones'),
      },
      toQuery: ({ search_filter, ...rest }) =>
        search_filter === undefined ? rest : { ...rest, search_type: 'filter', search_query: search_filter },
      check: (args) =>
        args.search_filter !== undefined && (args.search_query !== undefined || args.search_type !== undefined)
          ? [
              {
                field: 'search_filter',
                message: 'cannot be combined with search_query or search_type: pass one kind of search',
              },
            ]
          : [],
      answer: { page: { size: pageSize } },
      tool: {
        name: 'list_all_crisp_conversations',
        title: 'List conversations',
        description:
          'Lists conversations, most recent first, a page at a time: session_id, state, unread counts, last message, visitor meta, assigned operator. Use the session_id to read messages. Searching and filtering may need a higher Crisp plan (subscription_upgrade_required).',
        class: 'list',
      },
    },
    {
      id: 'website.createNewConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation',
      tiers: TIERS.open,
      tool: {
        name: 'create_a_crisp_conversation',
        title: 'Create a conversation',
        description:
          'Creates an empty conversation and returns its session_id. Then set who it is with by update_a_crisp_conversation_meta_by_id and write by create_a_crisp_message.',
        class: 'create',
      },
    },
    {
      id: 'website.getConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_by_id',
        title: 'Get a conversation',
        description:
          'Gets one conversation: state, visitor meta, unread counts, assigned operator, people_id, timestamps. Its messages come from list_all_crisp_messages.',
        class: 'get',
      },
    },
    {
      id: 'website.getConversationState',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/state',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_state_by_id',
        title: 'Get the state of a conversation',
        description: 'Gets whether a conversation is pending, unresolved or resolved.',
        class: 'get',
      },
    },
    {
      id: 'website.changeConversationState',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/state',
      tiers: TIERS.open,
      body: {
        state: required(choice('New state', ['pending', 'unresolved', 'resolved'])),
        user: author('Shown as who changed it'),
        origin: changeOrigin,
      },
      tool: {
        name: 'update_a_crisp_conversation_state_by_id',
        title: 'Change the state of a conversation',
        description:
          'Sets a conversation to pending, unresolved or resolved. Resolving may show the visitor a rating request, as the workspace is configured.',
        class: 'update',
        openWorld: true,
      },
    },
    {
      id: 'website.getConversationMetas',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/meta',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_meta_by_id',
        title: 'Get the meta of a conversation',
        description:
          "Gets what is known of a conversation's visitor: nickname, e-mail, phone, subject, segments, custom data, device and place.",
        class: 'get',
      },
    },
    {
      id: 'website.updateConversationMetas',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/meta',
      tiers: TIERS.open,
      body: {
        nickname: text('Name of the visitor'),
        email: text('E-mail address of the visitor'),
        phone: text('Phone number'),
        ip: text('IP address'),
        avatar: text('URL of an image'),
        address: text('Postal address'),
        subject: text('Subject of the conversation'),
        origin: text('Channel, such as chat, email or urn:…'),
        segments: list('All segments: replaces the list', text('')),
        data: customData('Custom data by key'),
        connection: object('Network', { isp: text(''), asn: text('') }),
        device: object('Device', {
          capabilities: list('', text('')),
          geolocation,
          system: object('', {
            os: object('', { version: text(''), name: text('') }),
            engine: object('', { version: text(''), name: text('') }),
            browser: object('', { major: text(''), version: text(''), name: text('') }),
            useragent: text(''),
          }),
          timezone: whole('Minutes from UTC'),
          locales: list('', text('')),
        }),
      },
      check: (args) => nothingToChange(args, ['session_id']),
      tool: {
        name: 'update_a_crisp_conversation_meta_by_id',
        title: 'Update the meta of a conversation',
        description:
          "Changes the given fields of a conversation's meta and keeps the others. Exception: segments replaces the whole list, so read it first (get_single_crisp_conversation_meta_by_id) and send it complete.",
        class: 'update',
        destructive: true,
      },
    },
    {
      id: 'website.getConversationRoutingAssign',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/routing',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_routing_by_id',
        title: 'Get who a conversation is assigned to',
        description: 'Gets the operator (user_id) to whom a conversation is assigned, if any.',
        class: 'get',
      },
    },
    {
      id: 'website.assignConversationRouting',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/routing',
      tiers: TIERS.open,
      body: {
        assigned: required(
          nullable(
            object('The operator; null assigns to nobody', {
              user_id: required(uuid('From list_all_crisp_operators')),
            }),
          ),
        ),
        silent: flag('Do not notify the operator'),
      },
      tool: {
        name: 'update_a_crisp_conversation_routing_by_id',
        title: 'Assign a conversation',
        description: 'Assigns a conversation to an operator, or to nobody with assigned: null.',
        class: 'update',
      },
    },
    {
      id: 'website.markMessagesReadInConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/read',
      tiers: TIERS.open,
      body: {
        from: defaulting(choice('Whose messages have been read: user is the visitor', ['user', 'operator']), 'user'),
        origin: defaulting(messageOrigin('Where they were read'), 'chat'),
        fingerprints: list('Only these messages, from list_all_crisp_messages; all when left out', fingerprint(''), {
          min: 1,
          max: 1000,
        }),
      },
      tool: {
        name: 'crisp_conversations_mark_read',
        title: 'Mark messages as read',
        description:
          "Marks the visitor's messages of a conversation (or with from: operator, the team's) as read, all or only the given fingerprints.",
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.markConversationAsUnread',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/unread',
      tiers: TIERS.open,
      body: {
        from: defaulting(choice('Whose messages become unread: user is the visitor', ['user', 'operator']), 'user'),
      },
      tool: {
        name: 'crisp_conversations_mark_unread',
        title: 'Mark a conversation as unread',
        description: 'Marks a conversation as unread again, so that it stands out in the inbox.',
        class: 'custom',
      },
    },
  ],
};
