import { expect, test } from 'vitest';
import { member, members, sandboxBench } from '../testing.ts';

const bench = sandboxBench;

test('a page holds 20, per_page is kept within 20 and 50, and past the end there is nothing', async () => {
  await using it = await bench();
  const list = async (path: string) => (await it.as('website')('GET', path)).data;
  expect(await list('/conversations/1')).toHaveLength(20);
  expect(await list('/conversations/1?per_page=5')).toHaveLength(20);
  expect(await list('/conversations/1?per_page=500')).toHaveLength(40);
  expect(await list('/conversations/3')).toEqual([]);
  const both = [
    ...members(await list('/conversations/1'), 'session_id'),
    ...members(await list('/conversations/2'), 'session_id'),
  ];
  expect(new Set(both).size).toBe(40);
});

test.each([
  ['page 0', '/conversations/0'],
  ['a page that is no number', '/conversations/first'],
  ['a per_page that is no number', '/conversations/1?per_page=many'],
  ['a flag that is neither 0 nor 1', '/conversations/1?filter_unread=yes'],
  ['an unknown search type', '/conversations/1?search_query=x&search_type=fuzzy'],
  ['a date that is none', '/conversations/1?filter_date_start=tomorrow'],
  ['a filter that is no JSON', '/conversations/1?search_type=filter&search_query=%7B'],
])('%s is invalid', async (_name, path) => {
  await using it = await bench();
  expect(await it.as('website')('GET', path)).toMatchObject({ status: 400, reason: 'invalid_data' });
});

const filter = (condition: object) =>
  `search_type=filter&search_query=${encodeURIComponent(JSON.stringify([condition]))}`;

test.each<[string, string, (conversation: unknown) => boolean]>([
  ['unread', 'filter_unread=1', (it) => Number(member(it, 'unread', 'operator')) > 0],
  ['resolved', 'filter_resolved=1', (it) => member(it, 'state') === 'resolved'],
  ['not resolved', 'filter_not_resolved=1', (it) => member(it, 'state') !== 'resolved'],
  ['unassigned', 'filter_unassigned=1', (it) => member(it, 'assigned') === null],
  ['of a segment', 'search_type=segment&search_query=billing', (it) => segments(it).includes('billing')],
  [
    'matching a filter',
    filter({ model: 'session', criterion: 'segments', operator: 'eq', query: ['bug'] }),
    (it) => segments(it).includes('bug'),
  ],
  [
    'not matching one',
    filter({ model: 'session', criterion: 'state', operator: 'neq', query: ['resolved'] }),
    (it) => member(it, 'state') !== 'resolved',
  ],
  ['waiting', 'order_date_waiting=1', (it) => member(it, 'waiting_since') !== null],
])('lists the conversations %s, and only those', async (_name, query, test) => {
  await using it = await bench();
  const all = (await it.as('website')('GET', '/conversations/1?per_page=50')).data;
  const found = (await it.as('website')('GET', `/conversations/1?per_page=50&${query}`)).data;
  if (!Array.isArray(all) || !Array.isArray(found)) throw new Error('expected lists');
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(40);
  expect(new Set(members(found, 'session_id'))).toEqual(new Set(members(all.filter(test), 'session_id')));
});

test('filters by inbox, assignee, text and date', async () => {
  await using it = await bench();
  const { main } = it.sandbox.state;
  const billing = [...main.inboxes.values()].find((inbox) => inbox.name === 'Billing');
  const operator = [...main.operators.keys()][3];
  const list = async (query: string) => (await it.as('plugin')('GET', `/conversations/1?per_page=50&${query}`)).data;
  expect(new Set(members(await list(`filter_inbox_id=${billing?.inbox_id}`), 'inbox_id'))).toEqual(
    new Set([billing?.inbox_id]),
  );
  expect(new Set(members(await list(`filter_assigned=${operator}`), 'assigned', 'user_id'))).toEqual(
    new Set([operator]),
  );
  expect(members(await list('search_query=V1%20DASHBOARD'), 'topic')).toEqual(['Where is the V1 Dashboard?']);
  const since = new Date(it.clock.now() - 4 * 3_600_000).toISOString();
  expect(await list(`filter_date_start=${since}`)).toHaveLength(3);
  expect(await list(`filter_date_end=${since}`)).toHaveLength(37);
});

test('orders by last change unless told otherwise', async () => {
  await using it = await bench();
  const times = async (query: string, field: string) =>
    members((await it.as('website')('GET', `/conversations/1?${query}`)).data, field).map(Number);
  const falling = (numbers: readonly number[]) => numbers.toSorted((a, b) => b - a);
  for (const [query, field] of [
    ['', 'updated_at'],
    ['order_date_updated=1', 'updated_at'],
    ['order_date_created=1', 'created_at'],
  ] as const) {
    const found = await times(query, field);
    expect(found).toEqual(falling(found));
  }
  const waiting = await times('order_date_waiting=1', 'waiting_since');
  expect(waiting).toEqual(waiting.toSorted((a, b) => a - b));
});

test('a search query may not be too long', async () => {
  await using it = await bench();
  const answer = await it.as('website')('GET', `/conversations/1?search_query=${'x'.repeat(300)}`);
  expect(answer).toMatchObject({ status: 400, reason: 'search_query_too_long' });
});

test('create, find among the empty ones, write, list, remove', async () => {
  await using it = await bench();
  const send = it.as('website');
  const created = await send('POST', '/conversation', {});
  const session = String(member(created.data, 'session_id'));
  expect(created).toMatchObject({ status: 201, reason: 'added' });
  expect(session).toMatch(/^session_[0-9a-f-]{36}$/);
  const first = async (query: string) => member((await send('GET', `/conversations/1${query}`)).data, 0, 'session_id');
  expect(await first('')).not.toBe(session);
  expect(await first('?include_empty=1')).toBe(session);
  await send('POST', `/conversation/${session}/message`, { type: 'text', from: 'user', origin: 'chat', content: 'Hi' });
  expect(await first('')).toBe(session);
  expect(await send('GET', `/conversation/${session}`)).toMatchObject({
    data: { state: 'pending', status: 0, last_message: 'Hi', unread: { operator: 1, visitor: 0 } },
  });
  expect(await send('DELETE', `/conversation/${session}`)).toMatchObject({ status: 200, reason: 'deleted' });
  expect(await send('GET', `/conversation/${session}`)).toMatchObject({ status: 404 });
});

test('metas merge, but segments are replaced whole', async () => {
  await using it = await bench();
  const send = it.as('website');
  const session = [...it.sandbox.state.main.conversations.keys()][0];
  const meta = `/conversation/${session}/meta`;
  await send('PATCH', meta, { nickname: 'Nova', segments: ['urgent'], data: { seats: 3 } });
  expect(await send('GET', meta)).toMatchObject({
    data: {
      nickname: 'Nova',
      segments: ['urgent'],
      data: { seats: 3, plan: expect.any(String) },
      subject: 'CSV export is empty',
    },
  });
  expect(await send('PATCH', meta, { segments: 'urgent' })).toMatchObject({
    status: 400,
    data: { message: 'data.segments should be array' },
  });
});

test.each<[string, string, unknown, unknown]>([
  ['state', 'state', { state: 'resolved' }, { state: 'resolved' }],
  ['routing', 'routing', { assigned: { user_id: 'u-1' }, silent: true }, { assigned: { user_id: 'u-1' } }],
  ['no routing', 'routing', { assigned: null }, { assigned: null }],
  ['block', 'block', { blocked: true }, { blocked: true }],
  ['verification', 'verify', { verified: true }, { verified: true }],
])('PATCH then GET of %s', async (_name, aspect, change, shown) => {
  await using it = await bench();
  const path = `/conversation/${[...it.sandbox.state.main.conversations.keys()][0]}/${aspect}`;
  expect(await it.as('website')('PATCH', path, change)).toMatchObject({ status: 200, reason: 'updated', data: {} });
  expect((await it.as('website')('GET', path)).data).toMatchObject(Object(shown));
});

test('participants are replaced, the inbox changes, a wrong state is refused', async () => {
  await using it = await bench();
  const send = it.as('website');
  const path = `/conversation/${[...it.sandbox.state.main.conversations.keys()][0]}`;
  const participants = [{ type: 'email', target: 'boss@example.com' }];
  await send('PUT', `${path}/participants`, { participants });
  expect(await send('GET', `${path}/participants`)).toMatchObject({ data: { participants } });
  await send('PATCH', `${path}/inbox`, { inbox_id: null });
  expect(await send('GET', path)).toMatchObject({ data: { inbox_id: null } });
  expect(await send('PATCH', `${path}/state`, { state: 'asleep' })).toMatchObject({
    status: 400,
    data: { message: 'data.state should be equal to one of the allowed values' },
  });
  expect((await send('GET', `${path}/pages/1`)).data).toHaveLength(2);
});

function segments(conversation: unknown): readonly unknown[] {
  const found = member(conversation, 'meta', 'segments');
  return Array.isArray(found) ? found : [];
}
