import { expect, test } from 'vitest';
import { member, members, sandboxBench } from '../testing.ts';

const NEW = { email: 'nova@example.org', person: { nickname: 'Nova Quill', phone: '+1 555 0100' }, segments: ['vip'] };

test('create, read by id and by e-mail, change, replace, remove', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const created = await send('POST', '/people/profile', NEW);
  expect(created).toMatchObject({ status: 201, reason: 'added' });
  const path = `/people/profile/${member(created.data, 'people_id')}`;
  const byEmail = '/people/profile/nova%40example.org';
  expect(await send('GET', byEmail)).toEqual(await send('GET', path));
  expect(await send('HEAD', path)).toMatchObject({ status: 200 });

  await send('PATCH', path, { person: { nickname: 'Nova Q.' } });
  expect(await send('GET', path)).toMatchObject({
    data: { email: 'nova@example.org', person: { nickname: 'Nova Q.', phone: '+1 555 0100' }, segments: ['vip'] },
  });

  await send('PUT', path, { email: 'nova@example.org', person: { nickname: 'Nova' } });
  const replaced = (await send('GET', path)).data;
  expect(member(replaced, 'person')).toEqual({ nickname: 'Nova' });
  expect(member(replaced, 'segments')).toEqual([]);

  expect(await send('DELETE', path)).toMatchObject({ status: 200, reason: 'deleted' });
  expect(await send('GET', path)).toMatchObject({ status: 404, reason: 'people_not_found' });
  expect(await send('HEAD', byEmail)).toMatchObject({ status: 404 });
});

test.each<[string, unknown, number, string]>([
  ['an e-mail that exists', { ...NEW, email: 'ALBA.abendroth@brightloom.example.com' }, 409, 'people_exists'],
  ['no nickname', { email: 'x@example.org', person: {} }, 400, 'invalid_data'],
  ['an unknown field', { ...NEW, shoe_size: 44 }, 400, 'invalid_data'],
])('does not create with %s', async (_name, body, status, reason) => {
  await using bench = await sandboxBench();
  expect(await bench.as('website')('POST', '/people/profile', body)).toMatchObject({ status, reason });
  expect(bench.sandbox.state.main.people.size).toBe(60);
});

test('an e-mail cannot be taken from somebody else by PATCH or PUT', async () => {
  await using bench = await sandboxBench();
  const [one, other] = [...bench.sandbox.state.main.people.values()];
  const body = { email: other?.email, person: { nickname: 'Thief' } };
  for (const method of ['PATCH', 'PUT']) {
    expect(await bench.as('website')(method, `/people/profile/${one?.people_id}`, body)).toMatchObject({ status: 409 });
  }
});

test('custom data is wrapped in data; PUT replaces, PATCH merges', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('plugin');
  const path = `/people/data/${[...bench.sandbox.state.main.people.keys()][0]}`;
  await send('PUT', path, { data: { plan: 'pro', seats: 3 } });
  await send('PATCH', path, { data: { seats: 4, trial: false } });
  expect(await send('GET', path)).toMatchObject({ data: { data: { plan: 'pro', seats: 4, trial: false } } });
  expect(await send('PUT', path, { plan: 'pro' })).toMatchObject({ status: 400 });
});

test('events are listed newest first, the subscription is kept', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const id = [...bench.sandbox.state.main.people.keys()][0];
  await send('POST', `/people/events/${id}`, { text: 'Opened the vault', data: { door: 2 } });
  expect(member((await send('GET', `/people/events/${id}/list/1`)).data, 0)).toMatchObject({
    text: 'Opened the vault',
    data: { door: 2 },
  });
  await send('PATCH', `/people/subscription/${id}`, { email: false });
  expect(await send('GET', `/people/subscription/${id}`)).toMatchObject({ data: { email: false } });
});

test('lists in pages, sorted, searched and filtered', async () => {
  await using bench = await sandboxBench();
  const list = async (query: string) =>
    (await bench.as('website')('GET', `/people/profiles/1?per_page=50&${query}`)).data;
  expect(await list('')).toHaveLength(50);
  const emails = members(await list('sort_field=email&sort_order=ascending'), 'email');
  expect(emails).toEqual([...emails].sort());
  expect(new Set(members(await list('search_text=quarry'), 'company', 'name'))).toEqual(new Set(['Quarry Labs']));
  const vip = JSON.stringify([{ model: 'people', criterion: 'segments', operator: 'eq', query: ['vip'] }]);
  const found = members(await list(`search_filter=${encodeURIComponent(vip)}`), 'segments');
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((segments) => Array.isArray(segments) && segments.includes('vip'))).toBe(true);
});

test('the conversations of a person', async () => {
  await using bench = await sandboxBench();
  const [conversation] = bench.sandbox.state.main.conversations.values();
  const path = `/people/conversations/${conversation?.people_id}/list/1`;
  expect((await bench.as('website')('GET', path)).data).toContain(conversation?.session_id);
  expect((await bench.as('website')('GET', `${path}?filter_resolved=1`)).data).not.toContain(conversation?.session_id);
});

test('keys such as __proto__ are ordinary', async () => {
  await using bench = await sandboxBench();
  const path = `/people/data/${[...bench.sandbox.state.main.people.keys()][0]}`;
  await bench.as('website')('PATCH', path, '{"data":{"__proto__":"x","seats":1}}');
  expect(Object.hasOwn({}, 'x')).toBe(false);
  expect(await bench.as('website')('GET', path)).toMatchObject({ status: 200, data: { data: { seats: 1 } } });
});
