import { required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** What was held back as spam, before it became a conversation. */
export const spam: Family = {
  tags: ['conversations'],
  operations: [
    {
      id: 'website.listSpamConversations',
      method: 'GET',
      path: '/website/{website_id}/conversations/spams/{page_number}',
      tiers: TIERS.user,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_spam_conversations',
        title: 'List spam',
        description: 'Lists messages held back as spam: spam_id, type, reason, metadata, headers, timestamp.',
        class: 'list',
      },
    },
    {
      id: 'website.resolveSpamConversationContent',
      method: 'GET',
      path: '/website/{website_id}/conversations/spam/{spam_id}/content',
      tiers: TIERS.user,
      tool: {
        name: 'get_single_crisp_spam_conversation_by_id',
        title: 'Get a spam',
        description: 'Gets the content of one message held back as spam. Its author is a stranger.',
        class: 'get',
      },
    },
    {
      id: 'website.submitSpamConversationDecision',
      method: 'POST',
      path: '/website/{website_id}/conversations/spam/{spam_id}/decision',
      tiers: TIERS.user,
      body: { action: required(text('The decision, such as reject', { min: 1 })) },
      tool: {
        name: 'crisp_spam_conversations_decide',
        title: 'Decide on a spam',
        description: 'Decides what becomes of a message held back as spam. reject discards it.',
        class: 'custom',
        destructive: true,
      },
    },
  ],
};
