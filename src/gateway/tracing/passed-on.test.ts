import { expect, test } from 'vitest';
import { modern, rpc, startFixture } from '../gateway-fixture.ts';

/** Without a collector: the trace of a client reaches Crisp all the same. */
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-11111111111111111111111111111111-2222222222222222-00';
const NAME = 'list_crisp_conversations';

test.each([
  ['by header', { traceparent: PARENT }, {}, PARENT],
  ['in the message', {}, { _meta: { traceparent: PARENT } }, PARENT],
  ['the header counts more', { traceparent: PARENT }, { _meta: { traceparent: OTHER } }, PARENT],
  ['one that is none', { traceparent: 'none' }, { _meta: { traceparent: 7 } }, undefined],
  ['none', {}, {}, undefined],
])('a trace context %s', async (_name, headers, params, expected) => {
  await using fixture = await startFixture();
  expect((await fixture.post(rpc('tools/call', { name: NAME, ...params }), headers)).status).toBe(200);
  expect(fixture.caller.calls[0]?.traceparent).toBe(expected);
});

test('a trace context in a message of 2026-07-28', async () => {
  await using fixture = await startFixture();
  const { body, headers } = modern('tools/call', { name: NAME });
  const { params } = body;
  const _meta = { ...Object(params)._meta, traceparent: PARENT };
  await fixture.post({ ...body, params: { ...Object(params), _meta } }, headers);
  expect(fixture.caller.calls[0]?.traceparent).toBe(PARENT);
});
