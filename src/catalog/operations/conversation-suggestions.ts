import { required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Segments and data keys in use, which Crisp suggests to operators. */
export const conversationSuggestions: Family = {
  tags: ['conversations'],
  operations: [
    {
      id: 'website.listSuggestedConversationSegments',
      method: 'GET',
      path: '/website/{website_id}/conversations/suggest/segments/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_conversation_segments',
        title: 'List segments of conversations',
        description: 'Lists the segments in use in conversations, with how often. Take one of these before a new one.',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.deleteSuggestedConversationSegment',
      method: 'DELETE',
      path: '/website/{website_id}/conversations/suggest/segment',
      tiers: TIERS.open,
      body: { segment: required(text('From list_all_crisp_conversation_segments', { min: 1 })) },
      tool: {
        name: 'delete_a_crisp_conversation_segment',
        title: 'Delete a suggested segment',
        description: 'Removes a segment from those that are suggested for conversations.',
        class: 'delete',
      },
    },
    {
      id: 'website.listSuggestedConversationDataKeys',
      method: 'GET',
      path: '/website/{website_id}/conversations/suggest/data/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_conversation_data_keys',
        title: 'List data keys of conversations',
        description: 'Lists the keys of custom data in use in conversations, with how often.',
        class: 'list',
      },
    },
    {
      id: 'website.deleteSuggestedConversationDataKey',
      method: 'DELETE',
      path: '/website/{website_id}/conversations/suggest/data',
      tiers: TIERS.open,
      body: { key: required(text('From list_all_crisp_conversation_data_keys', { min: 1 })) },
      tool: {
        name: 'delete_a_crisp_conversation_data_key',
        title: 'Delete a suggested data key',
        description: 'Removes a key of custom data from those that are suggested for conversations.',
        class: 'delete',
      },
    },
  ],
};
