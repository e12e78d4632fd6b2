import { expect, test } from 'vitest';
import { type Bench, member, members, sandboxBench } from '../testing.ts';

const sessionOf = (bench: Bench, topic: string): string => {
  const found = [...bench.sandbox.state.main.conversations.values()].find(
    (conversation) => conversation.topic === topic,
  );
  if (found === undefined) throw new Error(`no conversation about ${topic}`);
  return found.session_id;
};
const BUG = 'CSV export is empty';
const text = (content: string, more: object = {}) => ({
  type: 'text',
  from: 'operator',
  origin: 'chat',
  content,
  ...more,
});

test.each<[string, unknown]>([
  ['text', 'Hello'],
  ['note', 'Only for us'],
  ['file', { name: 'log.txt', url: 'https://files.example.com/log.txt', type: 'text/plain' }],
  ['animation', { url: 'https://files.example.com/wave.gif', type: 'image/gif' }],
  ['audio', { url: 'https://files.example.com/a.mp3', type: 'audio/mpeg', duration: 4 }],
  ['picker', { id: 'p', text: 'Which plan?', choices: [{ value: 'pro', label: 'Pro', selected: false }] }],
  ['field', { id: 'f', text: 'Order?', explain: 'Number' }],
  [
    'carousel',
    {
      text: 'Guides',
      targets: [{ title: 'A', description: 'a', actions: [{ label: 'Open', url: 'https://help.example.com' }] }],
    },
  ],
  ['event', { namespace: 'plugin', text: 'Something happened' }],
])('sends a message of type %s, asynchronously, and keeps it', async (type, content) => {
  await using bench = await sandboxBench();
  const path = `/conversation/${sessionOf(bench, BUG)}`;
  const sent = await bench.as('website')('POST', `${path}/message`, {
    type,
    from: 'operator',
    origin: 'chat',
    content,
  });
  expect(sent).toMatchObject({ status: 202, reason: 'dispatched', data: { fingerprint: expect.any(Number) } });
  const fingerprint = member(sent.data, 'fingerprint');
  expect(await bench.as('website')('GET', `${path}/message/${fingerprint}`)).toMatchObject({
    data: { type, content, fingerprint, from: 'operator' },
  });
  const internal = type === 'note' || type === 'event';
  expect(bench.sandbox.state.deliveries).toHaveLength(internal ? 0 : 1);
  expect(bench.sandbox.state.messagesWritten()).toHaveLength(1);
});

test.each<[string, unknown, string]>([
  ['no type', { from: 'operator', origin: 'chat', content: 'x' }, "data should have required property 'type'"],
  ['an unknown type', text('x', { type: 'poem' }), 'data.type should be equal to one of the allowed values'],
  ['no content', { type: 'text', from: 'operator', origin: 'chat' }, "data should have required property 'content'"],
  ['content of the wrong type', { ...text('x'), content: 5 }, 'data.content should be string'],
  [
    'a picker without text',
    text('x', { type: 'picker', content: { id: 'p', choices: [] } }),
    "data.content should have required property 'text'",
  ],
  [
    'a choice without label',
    text('x', { type: 'picker', content: { id: 'p', text: 't', choices: [{ value: 'v', selected: true }] } }),
    "data.content.choices[0] should have required property 'label'",
  ],
  ['a made-up origin', text('x', { origin: 'pigeon' }), 'data.origin should match pattern "/^(chat|email|urn:.+)$/"'],
  ['a fingerprint as text', text('x', { fingerprint: '12' }), 'data.fingerprint should be number'],
  ['a list', [], 'data should be object'],
])('refuses %s in the words of the validator', async (_name, body, message) => {
  await using bench = await sandboxBench();
  const answer = await bench.as('website')('POST', `/conversation/${sessionOf(bench, BUG)}/message`, body);
  expect(answer).toMatchObject({ status: 400, reason: 'invalid_data', data: { message } });
  expect(bench.sandbox.state.messagesWritten()).toEqual([]);
});

test('a note leaves state, unread count and visitor alone; a reply answers', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const session = sessionOf(bench, BUG);
  const path = `/conversation/${session}`;
  await send('POST', `${path}/message`, text('Known bug, see 4711', { type: 'note' }));
  expect(await send('GET', path)).toMatchObject({ data: { state: 'pending', unread: { operator: 2 } } });
  expect(bench.sandbox.state.notesWritten(session)).toMatchObject([{ content: 'Known bug, see 4711' }]);
  expect(bench.sandbox.state.deliveries).toEqual([]);
  await send('POST', `${path}/message`, text('We are on it'));
  expect(await send('GET', path)).toMatchObject({ data: { state: 'unresolved', waiting_since: null } });
  expect(bench.sandbox.state.deliveries).toMatchObject([{ channel: 'chat', to: session, what: 'text' }]);
  await send('POST', `${path}/message`, text('unseen', { stealth: true }));
  expect(bench.sandbox.state.deliveries).toHaveLength(1);
});

test('a given fingerprint is kept, and a repeated one stores nothing twice', async () => {
  await using bench = await sandboxBench();
  const path = `/conversation/${sessionOf(bench, BUG)}/message`;
  for (let turn = 0; turn < 2; turn++) {
    const sent = await bench.as('website')('POST', path, text('once', { fingerprint: 42 }));
    expect(sent).toMatchObject({ status: 202, data: { fingerprint: 42 } });
  }
  expect(bench.sandbox.state.messagesWritten()).toHaveLength(1);
});

test('messages come oldest first, and cursors cut before, after and around a timestamp', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const session = String(member((await send('POST', '/conversation', {})).data, 'session_id'));
  for (let minute = 1; minute <= 60; minute++) {
    await send(
      'POST',
      `/conversation/${session}/message`,
      text(`m${minute}`, { type: 'note', timestamp: minute * 1_000 }),
    );
  }
  const times = async (query: string) =>
    members((await send('GET', `/conversation/${session}/messages${query}`)).data, 'timestamp').map(
      (time) => Number(time) / 1_000,
    );
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  expect(await times('')).toEqual(range(11, 60));
  expect(await times('?timestamp_before=11000')).toEqual(range(1, 10));
  expect(await times('?timestamp_after=55000')).toEqual(range(56, 60));
  expect(await times('?timestamp_around=30000')).toEqual(range(5, 54));
  expect(await send('GET', `/conversation/${session}/messages?timestamp_before=soon`)).toMatchObject({ status: 400 });
});

test('reading marks, and takes marks back', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const path = `/conversation/${sessionOf(bench, BUG)}`;
  const unread = async () => member((await send('GET', path)).data, 'unread', 'operator');
  const [first] = members((await send('GET', `${path}/messages`)).data, 'fingerprint');
  expect(await unread()).toBe(2);
  await send('PATCH', `${path}/read`, { from: 'user', origin: 'chat', fingerprints: [String(first)] });
  expect(await unread()).toBe(1);
  await send('PATCH', `${path}/read`, { from: 'user', origin: 'chat' });
  expect(await unread()).toBe(0);
  await send('PATCH', `${path}/unread`, { from: 'user' });
  expect(await unread()).toBe(1);
});

test('a message is edited and removed by its fingerprint', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const path = `/conversation/${sessionOf(bench, BUG)}/message`;
  await send('POST', path, text('first', { fingerprint: 7 }));
  expect(await send('PATCH', `${path}/7`, { content: 'second' })).toMatchObject({ status: 200, reason: 'updated' });
  expect(await send('GET', `${path}/7`)).toMatchObject({ data: { content: 'second', edited: true } });
  expect(await send('PATCH', `${path}/7`, { content: { no: 'text' } })).toMatchObject({ status: 400 });
  expect(await send('DELETE', `${path}/7`)).toMatchObject({ status: 200, reason: 'deleted' });
  expect(await send('GET', `${path}/7`)).toMatchObject({ status: 404, reason: 'message_not_found' });
});

test('messages of a blocked visitor are dropped', async () => {
  await using bench = await sandboxBench();
  const send = bench.as('website');
  const path = `/conversation/${sessionOf(bench, BUG)}`;
  await send('PATCH', `${path}/block`, { blocked: true });
  await send('POST', `${path}/message`, { type: 'text', from: 'user', origin: 'chat', content: 'spam' });
  expect((await send('GET', `${path}/messages`)).data).toHaveLength(2);
});
