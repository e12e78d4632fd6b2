import { expect, test } from 'vitest';
import { COUPON } from '../../src/sandbox/inferred.ts';
import { member, members } from '../../src/sandbox/testing.ts';
import { type McpBench, mcpBench } from './mcp-bench.ts';

const PLUGIN = 'c64f3595-adee-425a-8d3a-89d47f7ed6bb';
const proof = (bench: McpBench) => ({ method: 'password', secret: bench.sandbox.state.ownerSecret });

test('the website: read, change settings, schedule its deletion, call that off', async () => {
  await using bench = await mcpBench();
  const settings = () => bench.call('get_single_crisp_website_settings_by_id');
  expect(await bench.call('get_single_crisp_website_by_id')).toMatchObject({ name: 'Acme Analytics' });
  await bench.call('update_a_crisp_website_settings_by_id', { name: 'Acme', chatbox: { color_theme: 'green' } });
  expect(await settings()).toMatchObject({ name: 'Acme', chatbox: { color_theme: 'green', tile: 'default' } });
  expect(await bench.refusal('update_a_crisp_website_settings_by_id')).toContain('nothing to change');

  const wrong = { method: 'token', secret: 'wrong' };
  expect(await bench.refusal('delete_a_crisp_website', { verify: wrong })).toContain('password_unverified');
  await bench.call('delete_a_crisp_website', { verify: proof(bench) });
  await bench.call('crisp_website_deletion_abort');
  bench.clock.advance(10 * 24 * 3_600_000);
  expect(await bench.call('get_single_crisp_website_by_id')).toMatchObject({ name: 'Acme' });
  await bench.call('delete_a_crisp_website', { verify: proof(bench) });
  bench.clock.advance(10 * 24 * 3_600_000);
  expect(await bench.refusal('get_single_crisp_website_by_id')).toContain('website_not_found');
});

test('another website can be created and is not this one', async () => {
  await using bench = await mcpBench();
  const domain = 'other.example.com';
  expect(await bench.call('crisp_websites_exists', { domain })).toEqual({ exists: false });
  const created = await bench.call('create_a_crisp_website', { name: 'Other', domain });
  expect(await bench.call('crisp_websites_exists', { domain })).toEqual({ exists: true });
  const website_id = member(created, 'website_id');
  expect(await bench.refusal('get_single_crisp_website_by_id', { website_id })).toContain('names another');
});

test('the team: read without secrets, invite, change, remove', async () => {
  await using bench = await mcpBench();
  const team = await bench.text('list_all_crisp_operators');
  for (const secret of bench.sandbox.state.secrets()) expect(team).not.toContain(secret);
  const operators = await bench.call('list_all_crisp_operators');
  const user_id = String(member(operators, 2, 'details', 'user_id'));
  const read = () => bench.call('get_single_crisp_operator_by_id', { user_id });
  expect(await read()).toMatchObject({ role: 'member', identifier: '[redacted]', key: '[redacted]' });
  await bench.call('update_a_crisp_operator_by_id', { user_id, role: 'owner', title: 'Head of support' });
  expect(await read()).toMatchObject({ role: 'owner', title: 'Head of support' });

  const invitation = { email: 'new@example.net', role: 'member', verify: proof(bench) };
  await bench.call('crisp_operators_invite', invitation);
  await bench.call('crisp_operators_send_email', { recipient: 'owners', subject: 'Hello', message: 'A new face' });
  expect(bench.sandbox.state.deliveries.map(({ to }) => to)).toEqual(['new@example.net', 'owners']);

  expect(await bench.call('list_all_crisp_active_operators')).not.toEqual([]);
  await bench.call('crisp_operators_flush_active');
  expect(await bench.call('list_all_crisp_active_operators')).toEqual([]);
  await bench.call('delete_a_crisp_operator', { user_id });
  expect(await bench.refusal('get_single_crisp_operator_by_id', { user_id })).toContain('404');
});

test('the verification key is never shown, not even when it is rolled', async () => {
  await using bench = await mcpBench();
  const key = () => bench.call('get_single_crisp_verify_key_by_id');
  expect(await key()).toEqual({ secret: '[redacted]' });
  const before = bench.sandbox.state.main.verify.secret;
  expect(await bench.text('crisp_verify_key_roll')).toContain('Done');
  expect(bench.sandbox.state.main.verify.secret).not.toBe(before);
  await bench.call('update_a_crisp_verify_settings_by_id', { enabled: true });
  expect(await bench.call('get_single_crisp_verify_settings_by_id')).toEqual({ enabled: true });
});

test('the plan: read, paid otherwise, a coupon once, ended, taken up again', async () => {
  await using bench = await mcpBench();
  const plan = () => bench.call('get_single_crisp_plan_subscription_by_id');
  await bench.call('update_a_crisp_plan_bill_period_by_id', { period: 'yearly' });
  expect(await plan()).toMatchObject({ name: 'Plus', bill_period: 'yearly', coupon_redeemed: false });
  const coupon = { code: COUPON.code };
  expect(await bench.call('crisp_plan_coupons_check', coupon)).toMatchObject({ policy: { rebate_percent: 20 } });
  await bench.call('crisp_plan_coupons_redeem', coupon);
  expect(await bench.refusal('crisp_plan_coupons_redeem', coupon)).toContain('coupon_already_redeemed');
  expect(await plan()).toMatchObject({ coupon_redeemed: true });
  await bench.call('delete_a_crisp_plan_subscription');
  expect(await bench.refusal('get_single_crisp_plan_subscription_by_id')).toContain('404');
  await bench.call('create_a_crisp_plan_subscription', { plan_id: 'pro' });
  expect(await bench.call('list_all_crisp_plan_subscriptions')).toMatchObject([{ id: 'pro' }]);
});

test('a plugin: install, set up, bill, remove', async () => {
  await using bench = await mcpBench();
  const one = { plugin_id: PLUGIN };
  await bench.call('create_a_crisp_plugin_subscription', one);
  expect(members(await bench.call('list_all_crisp_plugin_subscriptions'), 'id')).toContain(PLUGIN);
  await bench.call('update_a_crisp_plugin_settings_by_id', { ...one, settings: { a: 1, b: { c: 2 } } });
  await bench.call('update_a_crisp_plugin_settings_fields_by_id', { ...one, settings: { b: { d: 3 } } });
  expect(await bench.call('get_single_crisp_plugin_settings_by_id', one)).toMatchObject({
    settings: { a: 1, b: { c: 2, d: 3 } },
    token: '[redacted]',
  });
  const usage = { name: 'Messages', units: 250, price: 0.1 };
  await bench.call('crisp_plugin_usage_report', { ...one, usage });
  expect(await bench.call('list_all_crisp_plugin_usage_bills', one)).toEqual([usage]);
  await bench.call('crisp_plugin_events_dispatch', { ...one, name: 'bot-is-running', data: { bot: 'Sales' } });
  await bench.call('crisp_plugin_payloads_forward', { ...one, namespace: 'bot:step', payload: { step: 1 } });
  await bench.call('delete_a_crisp_plugin_subscription', one);
  expect(await bench.refusal('get_single_crisp_plugin_subscription_by_id', one)).toContain('404');
});

test('of the websites of the plugin no token is shown', async () => {
  await using bench = await mcpBench();
  const shown = await bench.text('list_all_crisp_plugin_websites', { include_plan: true });
  expect(shown).toContain(bench.sandbox.websiteId);
  for (const secret of bench.sandbox.state.secrets()) expect(shown).not.toContain(secret);
  expect(await bench.call('get_single_crisp_plugin_account_by_id')).toEqual({
    plugin_id: bench.sandbox.state.pluginId,
  });
});

test('what is answered elsewhere is said to be', async () => {
  await using bench = await mcpBench();
  const file = { name: 'photo.png', type: 'image/png' };
  expect(await bench.text('crisp_files_request_upload', { namespace: 'upload', id: 'mine', file })).toContain(
    'not here',
  );
  expect(await bench.text('list_all_crisp_animations', { search_query: 'cat' })).toContain('not here');
});

test('without a user-tier credential the model learns why it cannot', async () => {
  await using bench = await mcpBench({ tiers: ['plugin'] });
  const refusal = await bench.refusal('delete_a_crisp_website', { verify: proof(bench) });
  expect(refusal).toContain('tier user');
  expect(bench.sandbox.requests).toEqual([]);
  expect(await bench.tools()).not.toContain('delete_a_crisp_website');
});
