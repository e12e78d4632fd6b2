import { type Family, TIERS } from '../operation.ts';

export const conversations: Family = {
  tags: ['support', 'conversations'],
  operations: [
    {
      id: 'website.listConversations',
      method: 'GET',
      path: '/website/{website_id}/conversations/{page_number}',
      tiers: TIERS.open,
    },
    {
      id: 'website.createNewConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation',
      tiers: TIERS.open,
    },
    {
      id: 'website.getConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}',
      tiers: TIERS.open,
    },
    {
      id: 'website.getConversationState',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/state',
      tiers: TIERS.open,
    },
    {
      id: 'website.changeConversationState',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/state',
      tiers: TIERS.open,
    },
    {
      id: 'website.getConversationMetas',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/meta',
      tiers: TIERS.open,
    },
    {
      id: 'website.updateConversationMetas',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/meta',
      tiers: TIERS.open,
    },
    {
      id: 'website.getConversationRoutingAssign',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/routing',
      tiers: TIERS.open,
    },
    {
      id: 'website.assignConversationRouting',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/routing',
      tiers: TIERS.open,
    },
    {
      id: 'website.markMessagesReadInConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/read',
      tiers: TIERS.open,
    },
    {
      id: 'website.markConversationAsUnread',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/unread',
      tiers: TIERS.open,
    },
  ],
};
