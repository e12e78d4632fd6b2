import { expect, test } from 'vitest';
import { member, members, sandboxBench } from '../testing.ts';

const DAY = 24 * 3_600_000;

test('a website is deleted days after the request, unless that is taken back', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const secret = bench.sandbox.state.ownerSecret;
  const remove = (verify: unknown) => send('DELETE', '', { verify });
  expect(await send('DELETE', '/expunge')).toMatchObject({ status: 404 });
  expect(await remove({ method: 'password', secret: 'wrong' })).toMatchObject({
    status: 423,
    reason: 'password_unverified',
  });
  expect(await remove(secret)).toMatchObject({ status: 400, reason: 'invalid_data' });
  expect(await send('DELETE', '')).toMatchObject({ status: 400 });
  expect(bench.sandbox.state.main.deletion).toBeUndefined();

  expect(await remove({ method: 'password', secret })).toMatchObject({ status: 200, reason: 'deleted' });
  bench.clock.advance(2 * DAY);
  expect(await send('GET', '')).toMatchObject({ status: 200 });
  expect(await send('DELETE', '/expunge')).toMatchObject({ status: 200 });
  bench.clock.advance(5 * DAY);
  expect(await send('GET', '')).toMatchObject({ status: 200 });

  await remove({ method: 'token', secret });
  bench.clock.advance(3 * DAY);
  expect(await send('GET', '')).toMatchObject({ status: 404, reason: 'website_not_found' });
});

test('a created website is empty and its own', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const created = await send('POST', '/v1/website', { name: 'New', domain: 'new.example.com' });
  const path = `/v1/website/${member(created.data, 'website_id')}`;
  expect(await send('GET', `${path}/conversations/1`)).toMatchObject({ status: 206, data: [] });
  expect(await send('HEAD', '/v1/website?domain=new.example.com')).toMatchObject({ status: 200 });
  expect(await send('HEAD', '/v1/website?domain=old.example.com')).toMatchObject({ status: 404 });
});

test('settings merge, availability follows the operators', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('plugin');
  await send('PATCH', '/settings', { name: 'Acme', chatbox: { locale: 'fr' } });
  expect(await send('GET', '/settings')).toMatchObject({
    data: { name: 'Acme', chatbox: { locale: 'fr', file_transfer: true } },
  });
  expect(await send('GET', '/availability/status')).toMatchObject({ data: { status: 'online' } });
  expect((await send('GET', '/availability/operators')).data).toHaveLength(5);
});

test('operators come with their secrets, which somebody must redact', async () => {
  await using bench = await sandboxBench();
  const list = (await bench.as('website')('GET', '/operators/list')).data;
  const keys = members(list, 'details', 'key');
  expect(keys).toHaveLength(5);
  for (const key of keys) expect(bench.sandbox.state.secrets()).toContain(key);
  const id = member(list, 0, 'details', 'user_id');
  expect(await bench.as('website')('GET', `/operator/${id}`)).toMatchObject({ data: { user_id: id, role: 'owner' } });
  expect(await bench.as('website')('DELETE', `/operator/${id}`)).toMatchObject({ status: 403 });
  expect(await bench.as('user')('PATCH', `/operator/${id}`, { title: 'CEO' })).toMatchObject({ status: 200 });
  expect(await bench.as('website')('GET', `/operator/${id}`)).toMatchObject({ data: { title: 'CEO' } });
});

test('the last operator stays', async () => {
  await using bench = await sandboxBench();
  const ids = [...bench.sandbox.state.main.operators.keys()];
  const answers = [];
  for (const id of ids) answers.push((await bench.as('user')('DELETE', `/operator/${id}`)).status);
  expect(answers).toEqual([200, 200, 200, 200, 403]);
});

test('an inbox is created, replaced, ordered and removed from its conversations', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const created = await send('POST', '/inbox', { name: 'VIP', emoji: '⭐' });
  const inbox_id = member(created.data, 'inbox_id');
  await send('PUT', `/inbox/${inbox_id}`, { name: 'Key accounts' });
  expect(await send('GET', `/inbox/${inbox_id}`)).toMatchObject({ data: { name: 'Key accounts', emoji: '' } });
  await send('PATCH', '/inboxes/batch/order', { orders: [{ inbox_id, order: -1 }] });
  expect(member((await send('GET', '/inboxes/list/1')).data, 0, 'name')).toBe('Key accounts');
  const [conversation] = bench.sandbox.state.main.conversations.values();
  await send('PATCH', `/conversation/${conversation?.session_id}/inbox`, { inbox_id });
  await send('DELETE', `/inbox/${inbox_id}`);
  expect(conversation?.inbox_id).toBeNull();
  expect(await send('HEAD', `/inbox/${inbox_id}`)).toMatchObject({ status: 404 });
});
