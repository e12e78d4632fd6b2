import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { mcpBench } from './mcp-bench.ts';

const LETTER = {
  subject: 'Hi',
  message: 'Hello',
  recipients: { type: 'segments', segments: ['vip'] },
  options: { tracking: false, sender_email_reply: null },
};

test('a campaign: create, read, change, replace, delete', async () => {
  await using bench = await mcpBench();
  const created = await bench.call('create_a_crisp_campaign', { type: 'one-shot', name: 'Winter' });
  const campaign_id = member(created, 'campaign_id');
  const read = () => bench.call('get_single_crisp_campaign_by_id', { campaign_id });
  expect(await read()).toMatchObject({ name: 'Winter', type: 'one-shot', ready: false });

  await bench.call('update_a_crisp_campaign_fields_by_id', { campaign_id, ...LETTER, tag: 'season' });
  expect(await read()).toMatchObject({ name: 'Winter', tag: 'season', ready: true, options: { tracking: false } });
  expect(await bench.call('list_all_crisp_campaign_tags')).toContain('season');
  expect(await bench.call('list_all_crisp_campaigns', { filter_tag: 'season' })).toMatchObject([{ campaign_id }]);
  await bench.call('update_a_crisp_campaign_by_id', { campaign_id, subject: 'Only this' });
  expect(await read()).toMatchObject({ subject: 'Only this', message: '', tag: '', options: { tracking: true } });

  expect(await bench.call('crisp_campaigns_exists', { campaign_id })).toEqual({ exists: true });
  await bench.call('delete_a_crisp_campaign', { campaign_id });
  expect(await bench.call('crisp_campaigns_exists', { campaign_id })).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_campaign_by_id', { campaign_id })).toContain('campaign_not_found');
});

test('a campaign is tested, sent, paused and resumed until it is done', async () => {
  await using bench = await mcpBench();
  const created = await bench.call('create_a_crisp_campaign', { type: 'one-shot', name: 'Winter' });
  const campaign = { campaign_id: member(created, 'campaign_id') };
  const read = () => bench.call('get_single_crisp_campaign_by_id', campaign);
  expect(await bench.refusal('crisp_campaigns_dispatch', campaign)).toContain('campaign_not_ready');
  await bench.call('update_a_crisp_campaign_fields_by_id', { ...campaign, ...LETTER });

  const recipients = members(await bench.call('list_all_crisp_campaign_recipients', campaign), 'email');
  await bench.call('crisp_campaigns_test', campaign);
  expect(bench.sandbox.state.deliveries).toEqual([]);
  expect(await bench.text('crisp_campaigns_dispatch', campaign)).toContain('in the background');
  expect(bench.sandbox.state.deliveries).toMatchObject([{ what: `${recipients.length} recipients` }]);
  bench.clock.advance(30_000);
  await bench.call('crisp_campaigns_pause', campaign);
  bench.clock.advance(600_000);
  expect(await read()).toMatchObject({ running: false, progress: 50 });
  await bench.call('crisp_campaigns_resume', campaign);
  bench.clock.advance(30_000);
  expect(await read()).toMatchObject({ running: false, progress: 100, reached: recipients.length });
  expect(await bench.refusal('crisp_campaigns_dispatch', campaign)).toContain('campaign_already_dispatched');
});

test('recipients are found by conditions on people', async () => {
  await using bench = await mcpBench();
  const created = await bench.call('create_a_crisp_campaign', { type: 'one-shot', name: 'Sweden' });
  const campaign = { campaign_id: member(created, 'campaign_id') };
  const condition = { model: 'people', criterion: 'company.name', operator: 'eq', query: ['Rookery Games'] };
  const recipients = { type: 'filter', filter: [condition] };
  await bench.call('update_a_crisp_campaign_fields_by_id', { ...campaign, recipients });
  const emails = members(await bench.call('list_all_crisp_campaign_recipients', campaign), 'email');
  expect(emails.length).toBeGreaterThan(0);
  for (const email of emails) expect(email).toContain('@rookery.example.com');
});

test('who opened a campaign is as many as its statistics say', async () => {
  await using bench = await mcpBench();
  const done = await bench.call('list_all_crisp_campaigns', { filter_status_done: true });
  const campaign_id = member(done, 0, 'campaign_id');
  const clicked = await bench.call('list_all_crisp_campaign_statistics', { campaign_id, action: 'clicked' });
  expect(clicked).toHaveLength(12);
  expect(await bench.call('get_single_crisp_campaign_by_id', { campaign_id })).toMatchObject({
    statistics: { clicked: 12 },
  });
});

test('a template: create, read, change, replace, delete', async () => {
  await using bench = await mcpBench();
  const created = await bench.call('create_a_crisp_campaign_template', { format: 'html', name: 'Card' });
  const template = { template_id: member(created, 'template_id') };
  const read = () => bench.call('get_single_crisp_campaign_template_by_id', template);
  await bench.call('update_a_crisp_campaign_template_fields_by_id', { ...template, content: '<p>Hello</p>' });
  expect(await read()).toMatchObject({ name: 'Card', format: 'html', content: '<p>Hello</p>' });
  await bench.call('update_a_crisp_campaign_template_by_id', { ...template, name: 'Letter', format: 'html' });
  expect(await read()).toMatchObject({ name: 'Letter', content: '' });
  expect(
    await bench.call('list_all_crisp_campaign_templates', { search_name: 'lett', filter_type_custom: true }),
  ).toEqual([expect.objectContaining({ name: 'Letter' })]);
  expect(await bench.call('crisp_campaign_templates_exists', template)).toEqual({ exists: true });
  await bench.call('delete_a_crisp_campaign_template', template);
  expect(await bench.call('crisp_campaign_templates_exists', template)).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_campaign_template_by_id', template)).toContain('template_not_found');
});

test('without a user-tier credential there are templates but no campaigns', async () => {
  await using bench = await mcpBench({ tiers: ['plugin'] });
  const named = (await bench.tools()).filter((name) => name.includes('campaign'));
  expect(named.every((name) => name.includes('campaign_template'))).toBe(true);
  expect(named).toHaveLength(7);
});
