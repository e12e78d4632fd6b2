import { expect, test } from 'vitest';
import { COUPON } from '../inferred.ts';
import { type Bench, member, members, sandboxBench } from '../testing.ts';

/** Who is in the team, what the website pays for, and what is installed on it. */
const proof = (bench: Bench) => ({ method: 'password', secret: bench.sandbox.state.ownerSecret });

test('an invitation needs the proof of an owner and goes out by e-mail', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const invitation = { email: 'new@example.net', role: 'member' };
  expect(await send('POST', '/operator', invitation)).toMatchObject({ status: 400, reason: 'invalid_data' });
  const wrong = { ...invitation, verify: { method: 'token', secret: 'wrong' } };
  expect(await send('POST', '/operator', wrong)).toMatchObject({ status: 423, reason: 'password_unverified' });
  expect(await send('POST', '/operator', { ...invitation, verify: proof(bench) })).toMatchObject({ status: 200 });
  expect(bench.sandbox.state.deliveries).toMatchObject([{ to: 'new@example.net', what: 'invitation' }]);
  expect(await bench.as('plugin')('POST', '/operator', invitation)).toMatchObject({ status: 403 });
});

test('forgetting who was active last takes nobody out of the team', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const active = async () => members((await send('GET', '/operators/active')).data, 'user_id').length;
  expect(await active()).toBe(5);
  expect(await send('DELETE', '/operators/active')).toMatchObject({ status: 200, reason: 'deleted' });
  expect(await active()).toBe(0);
  expect(members((await send('GET', '/operators/list')).data, 'type')).toHaveLength(5);
});

test('the verification key stays until it is rolled, and counts as a secret', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('plugin');
  const key = async () => member((await send('GET', '/verify/key')).data, 'secret');
  const before = await key();
  expect(await key()).toBe(before);
  expect(await send('POST', '/verify/key', {})).toMatchObject({ status: 200, data: {} });
  expect(await key()).not.toBe(before);
  expect(bench.sandbox.state.secrets()).toContain(await key());
  await send('PATCH', '/verify/settings', { enabled: true });
  expect(await send('GET', '/verify/settings')).toMatchObject({ data: { enabled: true } });
});

test('a plan is paid otherwise, ended and taken up again', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const path = `/v1/plans/subscription/${bench.sandbox.websiteId}`;
  expect(await send('PATCH', `${path}/bill/period`, { period: 'weekly' })).toMatchObject({ status: 400 });
  await send('PATCH', `${path}/bill/period`, { period: 'yearly' });
  expect(await send('GET', path)).toMatchObject({ data: { name: 'Plus', bill_period: 'yearly' } });
  await send('DELETE', path);
  expect(await send('GET', path)).toMatchObject({ status: 404 });
  expect(await send('GET', '/v1/plans/subscription')).toMatchObject({ data: [] });
  await send('POST', path, { plan_id: 'pro' });
  expect(await send('GET', path)).toMatchObject({ status: 200, data: { id: 'pro' } });
});

test('a coupon can be looked up as often as one likes and redeemed once', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const path = `/v1/plans/subscription/${bench.sandbox.websiteId}/coupon`;
  expect(await send('GET', `${path}?code=NONE`)).toMatchObject({ status: 404 });
  expect(await send('GET', `${path}?code=${COUPON.code}`)).toMatchObject({ data: { policy: { rebate_percent: 20 } } });
  expect(await send('PATCH', path, { code: COUPON.code })).toMatchObject({ status: 200 });
  expect(await send('PATCH', path, { code: COUPON.code })).toMatchObject({ status: 409 });
});

test('a plugin is installed, set up, billed and removed', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const all = `/v1/plugins/subscription/${bench.sandbox.websiteId}`;
  const plugin_id = 'c64f3595-adee-425a-8d3a-89d47f7ed6bb';
  const one = `${all}/${plugin_id}`;
  expect(await send('GET', `${one}/settings`)).toMatchObject({ status: 404 });
  await send('POST', all, { plugin_id });
  expect(await send('POST', all, { plugin_id })).toMatchObject({ status: 409 });
  expect(members((await send('GET', all)).data, 'id')).toContain(plugin_id);
  await send('PUT', `${one}/settings`, { a: { b: 1 }, c: 2 });
  await send('PATCH', `${one}/settings`, { a: { d: 3 } });
  const settings = await send('GET', `${one}/settings`);
  expect(member(settings.data, 'settings')).toEqual({ a: { b: 1, d: 3 }, c: 2 });
  expect(bench.sandbox.state.secrets()).toContain(member(settings.data, 'token'));
  const usage = { name: 'Messages', units: 250, price: 0.1 };
  expect(await send('POST', `${one}/bill/usage`, usage)).toMatchObject({ status: 403 });
  await bench.as('plugin')('POST', `${one}/bill/usage`, usage);
  expect(await send('GET', `${one}/bill/usage`)).toMatchObject({ data: [usage] });
  await send('DELETE', one);
  expect(await send('GET', one)).toMatchObject({ status: 404 });
});

test('removing the plugin of the credential locks that credential out', async () => {
  await using bench = await sandboxBench();
  const plugin = bench.as('plugin');
  const account = await plugin('GET', '/v1/plugin/connect/account');
  const id = String(member(account.data, 'plugin_id'));
  expect(members((await plugin('GET', '/v1/plugin/connect/websites/all/1')).data, 'website_id')).toHaveLength(1);
  await bench.as('user')('DELETE', `/v1/plugins/subscription/${bench.sandbox.websiteId}/${id}`);
  expect(await plugin('GET', '')).toMatchObject({ status: 404, reason: 'not_subscribed' });
  expect(await plugin('GET', '/v1/plugin/connect/websites/all/1')).toMatchObject({ status: 206, data: [] });
});

test('statistics count conversations by day and refuse what cannot be split', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const ask = (date: object) => send('POST', '/analytics/generate', { metric: 'conversation', type: 'total', date });
  const period = { from: '2026-10-01T00:00:00Z', to: '2026-12-01T00:00:00Z', split: 'day', timezone: 'Europe/Paris' };
  const { data } = await ask(period);
  const total = members(data, 'hits').reduce<number>((sum, hits) => sum + Number(hits), 0);
  expect(total).toBe(bench.sandbox.state.main.conversations.size);
  expect(await ask({ ...period, split: 'second' })).toMatchObject({ status: 400, reason: 'invalid_data' });
  expect(await ask({ ...period, from: 'soon' })).toMatchObject({ status: 400 });
});
