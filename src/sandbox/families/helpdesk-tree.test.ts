import { expect, test } from 'vitest';
import { member, members, sandboxBench } from '../testing.ts';

const at = (part: string, path: string, locale = 'en') => `/helpdesk/tree/${part}/${locale}/articles/${path}`;

test('the tree lists groups with their entries, below a path, and by title', async () => {
  await using bench = await sandboxBench();
  const list = async (query = '') =>
    (await bench.as('website')('GET', `/helpdesk/tree/list/en/articles/1${query}`)).data;
  expect(members(await list(), 'slug')).toEqual(['getting-started', 'dashboards', 'data', 'billing', 'account']);
  expect(members(member(await list(), 1, 'children'), 'slug')).toContain('v1-dashboard.md');
  expect(members(await list('?sub_path=billing'), 'slug')).toEqual(['plans.md', 'invoices.md', 'refunds.md']);
  const found = await list('?search_title=v1');
  expect(members(found, 'slug')).toEqual(['dashboards']);
  expect(members(member(found, 0, 'children'), 'title')).toEqual(['Working with the V1 Dashboard']);
  expect(await bench.as('website')('GET', '/helpdesk/tree/list/en/articles/2')).toMatchObject({
    status: 206,
    data: [],
  });
});

test('content is replaced, metadata is merged, unpublishing takes the page away', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const path = 'dashboards/v1-dashboard.md';
  expect(await send('GET', at('page', path))).toMatchObject({ data: { title: 'Working with the V1 Dashboard' } });
  expect(await send('PUT', at('content', path), { content: '# Boards' })).toMatchObject({ status: 200 });
  expect(await send('GET', at('content', path))).toMatchObject({ data: { content: '# Boards' } });
  await send('PATCH', at('metadata', path), { title: 'Working with Boards', state: { published: false } });
  expect(await send('GET', at('metadata', path))).toMatchObject({
    data: {
      title: 'Working with Boards',
      description: 'The V1 Dashboard explained, widget by widget.',
      state: { published: false, hidden: false, featured: false },
    },
  });
  expect(await send('GET', at('page', path))).toMatchObject({ status: 404 });
  expect(bench.sandbox.state.article('en', path)).toMatchObject({
    content: '# Boards',
    metadata: { state: { published: false } },
  });
});

test('create, move with everything below, delete', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  expect(await send('POST', at('path', 'legal'), {})).toMatchObject({ status: 201, reason: 'added' });
  expect(await send('POST', at('path', 'legal/terms-of-use.md'), {})).toMatchObject({ status: 201 });
  expect(await send('POST', at('path', 'legal/terms-of-use.md'), {})).toMatchObject({ status: 409 });
  expect(await send('POST', at('path', 'nowhere/x.md'), {})).toMatchObject({ status: 404 });
  expect(await send('GET', at('metadata', 'legal/terms-of-use.md'))).toMatchObject({
    data: { title: 'terms of use', state: { published: false } },
  });
  expect(await send('PATCH', at('path', 'legal'), { action: 'move', path: { to: 'account/legal' } })).toMatchObject({
    status: 200,
  });
  expect(await send('GET', at('path', 'legal/terms-of-use.md'))).toMatchObject({ status: 404 });
  expect(members(member((await send('GET', at('path', 'account/legal'))).data, 'children'), 'slug')).toEqual([
    'terms-of-use.md',
  ]);
  expect(await send('DELETE', at('path', 'account/legal'))).toMatchObject({ status: 200, reason: 'deleted' });
  expect(await send('GET', at('path', 'account/legal/terms-of-use.md'))).toMatchObject({ status: 404 });
});

test.each([
  ['a path that climbs', 'GET', at('content', 'dashboards%2F..%2F..%2Fx'), undefined, 400],
  ['an unknown content type', 'GET', '/helpdesk/tree/list/en/poems/1', undefined, 400],
  ['an unknown locale', 'GET', at('content', 'x.md', 'tlh'), undefined, 404],
  ['an unknown action', 'PATCH', at('path', 'billing'), { action: 'explode' }, 400],
  ['a move below itself', 'PATCH', at('path', 'billing'), { action: 'move', path: { to: 'billing/inner' } }, 400],
  ['a move onto another node', 'PATCH', at('path', 'billing'), { action: 'move', path: { to: 'data' } }, 409],
  ['content that is no text', 'PUT', at('content', 'billing/plans.md'), { content: 5 }, 400],
  ['an unknown metadata field', 'PATCH', at('metadata', 'billing/plans.md'), { mood: 'good' }, 400],
])('refuses %s', async (_name, method, path, body, status) => {
  await using bench = await sandboxBench();
  expect(await bench.as('website')(method, path, body)).toMatchObject({ status });
  expect(bench.sandbox.state.main.helpdesk.changes).toEqual([]);
});

test('every write is a change that can be cancelled', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const path = 'billing/refunds.md';
  const before = bench.sandbox.state.article('en', path)?.content;
  await send('PUT', at('content', path), { content: 'Nobody gets anything.' });
  const changes = (await send('GET', `/helpdesk/history/changes/1?filter_tree_path=${path}`)).data;
  expect(changes).toMatchObject([
    { message: `updated ${path}`, edits: { insertions: 1 }, files: [{ change: 'updated', path }] },
  ]);
  const change = `/helpdesk/history/change/${member(changes, 0, 'change_id')}`;
  expect(await send('GET', change)).toMatchObject({ data: member(changes, 0) });
  expect(await send('DELETE', change, { action: 'cancel' })).toMatchObject({ status: 200, reason: 'deleted' });
  expect(bench.sandbox.state.article('en', path)?.content).toBe(before);
  expect(await send('GET', change)).toMatchObject({ status: 404 });
});

test('locales count their entries, and public pages leave drafts out', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  expect(await send('GET', '/helpdesk/locales/1')).toMatchObject({
    data: [
      { locale: 'en', articles: 17, categories: 5, statistics: { articles: { entries: 17, groups: 5 } } },
      { locale: 'fr', articles: 8 },
    ],
  });
  const pages = (await send('GET', '/helpdesk/page/list/fr/articles/1')).data;
  expect(members(pages, 'tree_path')).not.toContain('facturation/virement.md');
  expect(pages).toHaveLength(7);
  await send('POST', '/helpdesk/locale', { locale: 'pt-br' });
  expect(await send('HEAD', '/helpdesk/locale/pt-br')).toMatchObject({ status: 200 });
  await send('DELETE', '/helpdesk/locale/fr');
  expect(bench.sandbox.state.article('fr', 'facturation/virement.md')).toBeUndefined();
});
