import { expect, test } from 'vitest';
import { OPERATIONS } from '../catalog/operations/index.ts';
import { intendedOperation } from './shared-routes.ts';

test.each([
  ['website.batchRemoveConversations', { sessions: [] }, 'website.batchRemoveConversations'],
  ['website.batchRemoveConversations', { people: {} }, 'website.batchRemovePeople'],
  ['website.batchUpdateConversationsData', { people: {}, data: {} }, 'website.batchUpdatePeopleData'],
  ['website.batchUpdateConversationsSegments', { people: {} }, 'website.batchUpdatePeopleSegments'],
  [
    'website.deliverWidgetDataFetchActionForConversation',
    { value: null },
    'website.deliverWidgetDataEditActionForConversation',
  ],
  [
    'website.deliverWidgetDataFetchActionForConversation',
    { data: {} },
    'website.deliverWidgetDataFetchActionForConversation',
  ],
  ['website.batchRemoveConversations', null, 'website.batchRemoveConversations'],
  ['constructor', { people: {} }, 'constructor'],
])('%s with %j means %s', (id, body, meant) => {
  expect(intendedOperation(id, body)).toBe(meant);
});

test('whatever shares its route with another can be told from it', () => {
  const firsts = new Map<string, string>();
  for (const { id, method, path } of OPERATIONS) {
    const route = `${method} ${path}`;
    const first = firsts.get(route) ?? id;
    firsts.set(route, first);
    if (first !== id) {
      const told = [{ people: {} }, { value: 1 }].map((body) => intendedOperation(first, body));
      expect(told, `${first} and ${id}`).toContain(id);
    }
  }
});
