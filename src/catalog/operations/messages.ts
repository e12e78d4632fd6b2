import { type Family, TIERS } from '../operation.ts';

export const messages: Family = {
  tags: ['support', 'conversations', 'messages'],
  operations: [
    {
      id: 'website.getMessagesInConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/messages',
      tiers: TIERS.open,
    },
    {
      id: 'website.sendMessageInConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/message',
      tiers: TIERS.open,
    },
    {
      id: 'website.getMessageInConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/message/{fingerprint}',
      tiers: TIERS.open,
    },
    {
      id: 'website.updateMessageInConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/message/{fingerprint}',
      tiers: TIERS.open,
    },
    {
      id: 'website.removeMessageInConversation',
      method: 'DELETE',
      path: '/website/{website_id}/conversation/{session_id}/message/{fingerprint}',
      tiers: TIERS.open,
    },
  ],
};
