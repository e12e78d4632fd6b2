import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { mcpBench } from './mcp-bench.ts';

const NOVA = { email: 'nova@example.org', person: { nickname: 'Nova Quill', phone: '+1 555 0100' }, segments: ['vip'] };

test('a person: create, read, change, replace, delete', async () => {
  await using bench = await mcpBench();
  const created = await bench.call('create_a_crisp_people_profile', NOVA);
  const people_id = member(created, 'people_id');
  const read = () => bench.call('get_single_crisp_people_profile_by_id', { people_id });
  expect(await read()).toMatchObject(NOVA);
  expect(await bench.refusal('create_a_crisp_people_profile', NOVA)).toContain('people_exists');
  expect(await bench.call('list_all_crisp_people_profiles', { search_text: 'nova' })).toMatchObject([{ people_id }]);
  expect(await bench.call('crisp_people_profiles_count')).toEqual({ total: 61 });

  await bench.call('update_a_crisp_people_profile_fields_by_id', { people_id, notepad: 'Prefers e-mail' });
  expect(await read()).toMatchObject({ ...NOVA, notepad: 'Prefers e-mail' });
  await bench.call('update_a_crisp_people_profile_by_id', {
    people_id,
    person: { nickname: 'Nova' },
    email: NOVA.email,
  });
  expect(await read()).toMatchObject({ person: { nickname: 'Nova' }, segments: [], notepad: '' });

  expect(await bench.call('crisp_people_profiles_exists', { people_id: NOVA.email })).toEqual({ exists: true });
  await bench.call('delete_a_crisp_people_profile', { people_id });
  expect(await bench.call('crisp_people_profiles_exists', { people_id: NOVA.email })).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_people_profile_by_id', { people_id })).toContain('people_not_found');
});

test('custom data is replaced or merged, events are logged, the subscription is kept', async () => {
  await using bench = await mcpBench();
  await bench.call('create_a_crisp_people_profile', NOVA);
  const people_id = NOVA.email;
  const data = () => bench.call('get_single_crisp_people_data_by_id', { people_id });
  await bench.call('update_a_crisp_people_data_by_id', { people_id, data: { plan: 'pro', seats: 3 } });
  await bench.call('update_a_crisp_people_data_fields_by_id', { people_id, data: { seats: 4 } });
  expect(await data()).toEqual({ data: { plan: 'pro', seats: 4 } });
  await bench.call('update_a_crisp_people_data_by_id', { people_id, data: { trial: true } });
  expect(await data()).toEqual({ data: { trial: true } });

  await bench.call('create_a_crisp_people_event', { people_id, text: 'Opened the vault', data: { door: 2 } });
  expect(await bench.call('list_all_crisp_people_events', { people_id })).toMatchObject([
    { text: 'Opened the vault', data: { door: 2 } },
  ]);
  await bench.call('update_a_crisp_people_subscription_by_id', { people_id, email: false });
  expect(await bench.call('get_single_crisp_people_subscription_by_id', { people_id })).toEqual({ email: false });
});

test('a person has conversations and campaigns', async () => {
  await using bench = await mcpBench();
  const [conversation] = bench.sandbox.state.main.conversations.values();
  const people_id = conversation?.people_id;
  const conversations = await bench.call('list_all_crisp_people_conversations', { people_id });
  expect(conversations).toContain(conversation?.session_id);
  const subscribed = [...bench.sandbox.state.main.people.values()].find((person) => person.subscribed);
  const campaigns = await bench.call('list_all_crisp_people_campaigns', { people_id: subscribed?.people_id });
  expect(members(campaigns, 'name')).toContain('October newsletter');
});

test.each([
  ['segments', 'segment', 'delete_a_crisp_people_suggested_segment'],
  ['data_keys', 'key', 'delete_a_crisp_people_suggested_data_key'],
  ['events', 'text', 'delete_a_crisp_people_suggested_event'],
])('suggested %s are listed and deleted', async (list, name, remove) => {
  await using bench = await mcpBench();
  const shown = async () => members(await bench.call(`list_all_crisp_people_suggested_${list}`), name);
  const [first, ...others] = await shown();
  await bench.call(remove, { [name]: first });
  expect(await shown()).toEqual(others);
  expect(await bench.refusal(remove, { [name]: first })).toContain('404');
});

test('import and export say that Crisp does them in the background', async () => {
  await using bench = await mcpBench();
  expect(await bench.text('crisp_people_profiles_export')).toContain('in the background');
  const mapping = [
    { column: 1, field: 'email' },
    { column: 2, field: 'person.nickname' },
  ];
  const file = { url: 'https://storage.example.com/people.csv', mapping, options: { skip_header: true } };
  expect(await bench.call('crisp_people_profiles_import', file)).toEqual({ import_id: expect.any(String) });
});
