import { expect, test } from 'vitest';
import type { CallOutcome } from '../../crisp/outcome.ts';
import { success, tool } from '../fakes.ts';
import { modern, rpc, startFixture } from '../gateway-fixture.ts';
import { HELPDESK_TOOLS } from './helpdesk-articles.ts';

const URI = 'crisp://helpdesk/en/orders/refunds.md';
const ARTICLE = { uri: URI, mimeType: 'text/markdown', text: '# Refunds' };
const DATA = '{"metadata":{"title":"Refunds"},"content":"# Refunds"}';
const NOTE = 'Cut, because it has 60000 characters: the result has its first 9 of 60000 characters.';

const start = (answer: () => CallOutcome) => startFixture({ tools: [tool(HELPDESK_TOOLS.read)], answer });

test('an article is read as one text', async () => {
  await using fixture = await start(() => success(DATA));
  const { json } = await fixture.post(rpc('resources/read', { uri: URI }));
  expect(json.result).toEqual({ contents: [ARTICLE] });
});

test('an article that was cut says so, and how to get the rest, in a text after it', async () => {
  await using fixture = await start(() => ({
    kind: 'success',
    text: Buffer.from(DATA),
    note: NOTE,
    truncated: true,
    upstreamStatus: 200,
  }));
  const { body, headers } = modern('resources/read', { uri: URI });
  for (const reply of [await fixture.post(rpc('resources/read', { uri: URI })), await fixture.post(body, headers)]) {
    expect(reply.json.result.contents).toEqual([ARTICLE, { uri: URI, mimeType: 'text/plain', text: NOTE }]);
  }
});
