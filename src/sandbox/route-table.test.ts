import { expect, test } from 'vitest';
import { type RouteRecord, RouteTable } from './route-table.ts';

const record = (id: string, method: string, path: string): RouteRecord => ({ id, method, path, tiers: ['user'] });

const table = new RouteTable([
  record('list', 'GET', '/website/{website_id}/conversations/{page_number}'),
  record('suggest', 'GET', '/website/{website_id}/conversations/suggest'),
  record('tree', 'GET', '/website/{website_id}/tree/{locale}/{path}'),
  record('first', 'PATCH', '/website/{website_id}/batch'),
  record('second', 'PATCH', '/website/{website_id}/batch'),
]);

test.each([
  ['binds parameters', 'GET', ['website', 'w', 'conversations', '2'], 'list', { website_id: 'w', page_number: '2' }],
  ['prefers a literal segment', 'GET', ['website', 'w', 'conversations', 'suggest'], 'suggest', { website_id: 'w' }],
  [
    'gives the rest to {path}',
    'GET',
    ['website', 'w', 'tree', 'en', 'a', 'b.md'],
    'tree',
    {
      website_id: 'w',
      locale: 'en',
      path: 'a/b.md',
    },
  ],
  ['takes the first of two that share a route', 'PATCH', ['website', 'w', 'batch'], 'first', { website_id: 'w' }],
])('%s', (_name, method, segments, id, params) => {
  const match = table.match(method, segments);
  expect(match).toMatchObject({ kind: 'found', route: { id } });
  expect(match.kind === 'found' && Object.fromEntries(match.params)).toEqual(params);
});

test('tells a wrong verb from an unknown route', () => {
  expect(table.match('DELETE', ['website', 'w', 'conversations', '2'])).toEqual({
    kind: 'wrong_verb',
    allowed: ['GET'],
  });
  expect(table.match('GET', ['website', 'w', 'nothing'])).toEqual({ kind: 'unknown' });
});

test('an empty segment is no parameter', () => {
  expect(table.match('GET', ['website', 'w', 'conversations', ''])).toEqual({ kind: 'unknown' });
  expect(table.match('GET', ['website', '', 'conversations', '2'])).toEqual({ kind: 'unknown' });
});
