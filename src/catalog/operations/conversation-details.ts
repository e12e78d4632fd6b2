import { choice, flag, list, nullable, object, required, text, uuid } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { author, changeOrigin } from './shapes.ts';

/** What hangs on one conversation: its inbox, participants, block, verification, and what its visitor did. */
export const conversationDetails: Family = {
  tags: ['conversations'],
  operations: [
    {
      id: 'website.checkConversationExists',
      method: 'HEAD',
      path: '/website/{website_id}/conversation/{session_id}',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_conversations_exists',
        title: 'Check a conversation',
        description: 'Tells whether a conversation with this session_id exists.',
        class: 'custom',
      },
    },
    {
      id: 'website.removeConversation',
      method: 'DELETE',
      path: '/website/{website_id}/conversation/{session_id}',
      tiers: TIERS.open,
      tool: {
        name: 'delete_a_crisp_conversation',
        title: 'Delete a conversation',
        description:
          'Removes a whole conversation with all its messages. It cannot be brought back; to close one use update_a_crisp_conversation_state_by_id.',
        class: 'delete',
      },
    },
    {
      id: 'website.updateConversationOpenState',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/open',
      tiers: TIERS.open,
      body: { opened: required(flag('Whether it is open on the screen')) },
      tool: {
        name: 'update_a_crisp_conversation_open_state_by_id',
        title: 'Set who has a conversation open',
        description: 'Shows a conversation as opened, or closed, by the operator whose credential is used.',
        class: 'update',
      },
    },
    {
      id: 'website.updateConversationInbox',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/inbox',
      tiers: TIERS.open,
      body: { inbox_id: required(nullable(uuid('From list_all_crisp_inboxes; null: the main inbox'))) },
      tool: {
        name: 'update_a_crisp_conversation_inbox_by_id',
        title: 'Move a conversation to an inbox',
        description: 'Moves a conversation to another inbox, or back to the main one with inbox_id: null.',
        class: 'update',
        tags: ['support', 'inboxes'],
      },
    },
    {
      id: 'website.getOriginalMessageInConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/original/{original_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_original_message_by_id',
        title: 'Get the original of a message',
        description:
          'Gets the raw form of a message, such as the e-mail it came from: type, headers, content. Only messages with an original have one.',
        class: 'get',
        tags: ['messages'],
      },
    },
    {
      id: 'website.listConversationPages',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/pages/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_conversation_pages',
        title: 'List pages a visitor saw',
        description: 'Lists the pages that the visitor of a conversation browsed: title, URL, referrer, timestamp.',
        class: 'list',
        tags: ['support', 'visitors'],
      },
    },
    {
      id: 'website.listConversationEvents',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/events/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_conversation_events',
        title: 'List events of a conversation',
        description: 'Lists custom events recorded for the visitor of a conversation: text, data, color, timestamp.',
        class: 'list',
        tags: ['support', 'visitors'],
      },
    },
    {
      id: 'website.listConversationFiles',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/files/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_conversation_files',
        title: 'List files of a conversation',
        description: 'Lists the files sent in a conversation: name, MIME type, URL, fingerprint of the message.',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.getConversationRelations',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/relations',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_relations_by_id',
        title: 'Get related conversations',
        description: 'Gets the parent and the children of a conversation, as session_ids.',
        class: 'get',
      },
    },
    {
      id: 'website.getConversationParticipants',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/participants',
      tiers: TIERS.open,
      tool: {
        name: 'list_all_crisp_participants',
        title: 'List participants of a conversation',
        description: 'Lists who beside visitor and team takes part in a conversation (copied in by e-mail).',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.saveConversationParticipants',
      method: 'PUT',
      path: '/website/{website_id}/conversation/{session_id}/participants',
      tiers: TIERS.open,
      body: {
        participants: required(
          list(
            'All of them; [] for none',
            object('', { type: required(choice('', ['email'])), target: required(text('E-mail address', { min: 1 })) }),
          ),
        ),
        user: author('Shown as who changed it'),
        origin: changeOrigin,
      },
      tool: {
        name: 'update_a_crisp_participants_by_id',
        title: 'Replace participants of a conversation',
        description:
          'Replaces the list of participants, who get messages of the conversation by e-mail. Whoever is not sent is taken out, so read list_all_crisp_participants first.',
        class: 'update',
        tags: ['support'],
        openWorld: true,
      },
    },
    {
      id: 'website.getBlockStatusForConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/block',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_block_by_id',
        title: 'Get whether a visitor is blocked',
        description: 'Gets whether incoming messages of a conversation are blocked.',
        class: 'get',
      },
    },
    {
      id: 'website.blockIncomingMessagesForConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/block',
      tiers: TIERS.open,
      body: {
        blocked: required(flag('false lifts the block')),
        user: author('Shown as who changed it'),
        origin: changeOrigin,
      },
      tool: {
        name: 'update_a_crisp_conversation_block_by_id',
        title: 'Block a visitor',
        description: 'Blocks the incoming messages of a conversation, or lets them in again.',
        class: 'update',
        tags: ['support'],
      },
    },
    {
      id: 'website.getVerifyStatusForConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/verify',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_verify_by_id',
        title: 'Get whether a visitor is verified',
        description: "Gets whether a visitor's identity is verified, and which identities (e-mail, phone) and how.",
        class: 'get',
        tags: ['support'],
      },
    },
    {
      id: 'website.updateVerifyStatusForConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/verify',
      tiers: TIERS.open,
      body: { verified: required(flag('Whether they are who they say')) },
      tool: {
        name: 'update_a_crisp_conversation_verify_by_id',
        title: 'Mark a visitor as verified',
        description:
          'Marks the visitor of a conversation as verified or not, by hand. To have the visitor prove it use crisp_conversations_request_verification.',
        class: 'update',
      },
    },
  ],
};
