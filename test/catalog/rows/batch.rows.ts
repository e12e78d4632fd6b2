import { type Row, type Rows, WEBSITE } from '../row.ts';

const whole: Row = { call: (body) => [WEBSITE, body] };

export const batch: Rows = {
  'website.batchResolveConversations': whole,
  'website.batchUnresolveConversations': whole,
  'website.batchReadConversations': whole,
  'website.batchUnreadConversations': whole,
  'website.batchRemoveConversations': whole,
  'website.batchRemovePeople': { call: (a) => [WEBSITE, a.people] },
  'website.batchReportConversations': whole,
  'website.batchBlockConversations': whole,
  'website.batchRoutingConversations': whole,
  'website.batchInboxConversations': whole,
  'website.batchUpdateConversationsData': whole,
  'website.batchUpdatePeopleData': { call: (a) => [WEBSITE, a.people, a.data] },
  'website.batchUpdateConversationsSegments': whole,
  'website.batchUpdatePeopleSegments': { call: (a) => [WEBSITE, a.people, a.segments] },
};
