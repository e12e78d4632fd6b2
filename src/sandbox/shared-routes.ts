import { isFields } from './merge.ts';

/**
 * Some operations of Crisp share method and path; only the body says which one is meant. The first of them is the one
 * that {@link import('./route-table.ts').RouteTable} finds; here stands what the body of the other has.
 */
const OTHERS: Readonly<Record<string, { readonly id: string; readonly member: string }>> = {
  'website.batchRemoveConversations': { id: 'website.batchRemovePeople', member: 'people' },
  'website.batchUpdateConversationsData': { id: 'website.batchUpdatePeopleData', member: 'people' },
  'website.batchUpdateConversationsSegments': { id: 'website.batchUpdatePeopleSegments', member: 'people' },
  'website.deliverWidgetDataFetchActionForConversation': {
    id: 'website.deliverWidgetDataEditActionForConversation',
    member: 'value',
  },
};

/** The operation that a request with this body means, of those that share the route of `id`. */
export function intendedOperation(id: string, body: unknown): string {
  const other = Object.hasOwn(OTHERS, id) ? OTHERS[id] : undefined;
  return other !== undefined && isFields(body) && Object.hasOwn(body, other.member) ? other.id : id;
}
