import { expect, test } from 'vitest';
import { member, members, sandboxBench } from '../testing.ts';

const CONFIGURED = { subject: 'Hi', message: 'Hello', recipients: { type: 'segments', segments: ['vip'] } };

test('the whole life of a one-shot campaign', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const created = await send('POST', '/campaign', { type: 'one-shot', name: 'Winter' });
  expect(created).toMatchObject({ status: 201, reason: 'added' });
  const path = `/campaign/${member(created.data, 'campaign_id')}`;
  const shown = async () => (await send('GET', path)).data;
  expect(await shown()).toMatchObject({ name: 'Winter', ready: false, dispatched: false, running: false });
  expect(await send('POST', `${path}/dispatch`, {})).toMatchObject({ status: 409, reason: 'campaign_not_ready' });
  expect(await send('POST', `${path}/pause`, {})).toMatchObject({ status: 409, reason: 'campaign_not_dispatched' });

  await send('PATCH', path, { ...CONFIGURED, ready: true, progress: 50 });
  expect(await shown()).toMatchObject({ ready: true, progress: 0 });
  const recipients = members((await send('GET', `${path}/recipients/1`)).data, 'email');
  expect(recipients.length).toBeGreaterThan(0);
  expect(await send('POST', `${path}/test`, {})).toMatchObject({ status: 200 });
  expect(bench.sandbox.state.deliveries).toEqual([]);

  await send('POST', `${path}/dispatch`, {});
  expect(bench.sandbox.state.deliveries).toMatchObject([
    { channel: 'campaign', what: `${recipients.length} recipients` },
  ]);
  expect(await send('POST', `${path}/dispatch`, {})).toMatchObject({ status: 409 });
  bench.clock.advance(30_000);
  expect(await shown()).toMatchObject({ running: true, progress: 50 });
  await send('POST', `${path}/pause`, {});
  bench.clock.advance(600_000);
  expect(await shown()).toMatchObject({ running: false, progress: 50 });
  await send('POST', `${path}/resume`, {});
  bench.clock.advance(30_000);
  expect(await shown()).toMatchObject({ running: false, progress: 100, reached: recipients.length });
  expect(await send('DELETE', path)).toMatchObject({ status: 200, reason: 'deleted' });
  expect(await send('GET', path)).toMatchObject({ status: 404 });
});

test('PUT loses what it is not given, PATCH keeps it', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('user');
  const created = await send('POST', '/campaign', { type: 'automated', name: 'Nudge' });
  const path = `/campaign/${member(created.data, 'campaign_id')}`;
  await send('PATCH', path, { tag: 'x', options: { tracking: false } });
  expect((await send('GET', path)).data).toMatchObject({
    tag: 'x',
    options: { tracking: false, deliver_to_email: true },
  });
  await send('PUT', path, { subject: 'Only this' });
  expect((await send('GET', path)).data).toMatchObject({
    name: 'Nudge',
    subject: 'Only this',
    tag: '',
    options: { tracking: true },
  });
});

test.each([
  ['not_configured', ['Goodbye, V1 Dashboard']],
  ['ready', ['Boards are here']],
  ['paused', ['Price change in January']],
  ['sending', ['Welcome']],
  ['done', ['October newsletter']],
])('lists campaigns that are %s', async (status, names) => {
  await using bench = await sandboxBench();
  const answer = await bench.as('user')('GET', `/campaigns/list/1?filter_status_${status}=1`);
  expect(members(answer.data, 'name')).toEqual(names);
});

test('lists by name, tag and type, without the texts', async () => {
  await using bench = await sandboxBench();
  const names = async (query: string) =>
    members((await bench.as('user')('GET', `/campaigns/list/1?${query}`)).data, 'name');
  expect(await names('search_name=boards')).toEqual(['Boards are here']);
  expect(await names('filter_tag=newsletter')).toEqual(['October newsletter']);
  expect(await names('filter_type_automated=1')).toEqual(['Welcome']);
  expect(member((await bench.as('user')('GET', '/campaigns/list/1')).data, 0)).not.toHaveProperty('message');
});

test.each([
  [
    'a type with an underscore',
    { type: 'one_shot', name: 'x' },
    'data.type should be equal to one of the allowed values',
  ],
  ['no name', { type: 'one-shot' }, "data should have required property 'name'"],
])('refuses %s', async (_name, body, message) => {
  await using bench = await sandboxBench();
  expect(await bench.as('user')('POST', '/campaign', body)).toMatchObject({ status: 400, data: { message } });
});

test('templates are open to plugins', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('plugin');
  const created = await send('POST', '/campaigns/template', { format: 'markdown', name: 'Card' });
  const path = `/campaigns/template/${member(created.data, 'template_id')}`;
  await send('PATCH', path, { content: '# Card' });
  expect(await send('GET', path)).toMatchObject({ data: { name: 'Card', content: '# Card', type: 'custom' } });
  await send('PUT', path, { name: 'Other' });
  expect(await send('GET', path)).toMatchObject({ data: { name: 'Other', content: '' } });
  await send('DELETE', path);
  expect(await send('HEAD', path)).toMatchObject({ status: 404 });
});
