import { type Rows, WEBSITE } from '../row.ts';

export const conversationSuggestions: Rows = {
  'website.listSuggestedConversationSegments': { call: (a) => [WEBSITE, a.page_number] },
  'website.deleteSuggestedConversationSegment': { call: (a) => [WEBSITE, a.segment] },
  'website.listSuggestedConversationDataKeys': { call: (a) => [WEBSITE, a.page_number] },
  'website.deleteSuggestedConversationDataKey': { call: (a) => [WEBSITE, a.key] },
};
