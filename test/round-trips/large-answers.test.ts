import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type McpBench, mcpBench } from './mcp-bench.ts';

/** A Crisp whose answers never end reaches a client as results, cut and said to be, while other calls go on. */
let crisp: Server;
let bench: McpBench;
const served: { path: string; stopped: Promise<unknown> }[] = [];

beforeAll(async () => {
  crisp = createServer((request, response) => {
    request.resume();
    const path = request.url ?? '';
    if (path.endsWith('/operators/list')) response.end('{"error":false,"reason":"listed","data":[{"type":"sandbox"}]}');
    else served.push({ path, stopped: pour(response, request.method === 'GET' ? 206 : 201) });
  });
  crisp.listen(0, '127.0.0.1');
  await once(crisp, 'listening');
  const address = crisp.address();
  bench = await mcpBench({ apiUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  crisp.closeAllConnections();
  crisp.close();
});

async function pour(response: ServerResponse, status: number): Promise<void> {
  const item = JSON.stringify({ session_id: 'session_1', last_message: 'Grüße 😀 '.repeat(2_000) });
  const gone = once(response, 'close');
  response.writeHead(status, { 'content-type': 'application/json' });
  response.write(`{"error":false,"reason":"listed","data":[${item}`);
  while (!response.destroyed) {
    if (!response.write(`,${item}`)) await Promise.race([once(response, 'drain'), gone]);
  }
}

test('a list without end is cut between two items, is JSON, and says how to get the rest', async () => {
  const [large, operators] = await Promise.all([
    bench.text('list_all_crisp_conversations', { page_number: 3 }),
    bench.call('list_all_crisp_operators'),
  ]);
  const [note = '', data = ''] = large.split('\n');
  expect(JSON.parse(data)).toEqual(Array(5).fill({ session_id: 'session_1', last_message: 'Grüße 😀 '.repeat(2_000) }));
  expect(note).toMatch(
    /^Cut, because the answer has more than 4\d{6} bytes and only its beginning was read: the result /,
  );
  expect(note).toContain('has its first 5 of at most 20 items. To get the rest, ask for less: filter the list');
  expect(note).toContain('Page 3. More, if any: page_number 4');
  expect(operators).toEqual([{ type: 'sandbox' }]);
});

test('a write with such an answer is done once and is a success', async () => {
  const note = { session_id: 'session_700c65e1-85e2-465a-b9ac-ecb5ec2c9881', type: 'note', content: 'x' };
  const text = await bench.text('create_a_crisp_message', note);
  expect(text).toContain('The status of the answer says that the change was accepted. To get the rest, do not repeat');
  expect(served.filter(({ path }) => path.endsWith('/message'))).toHaveLength(1);
});

test('each transfer was stopped', async () => {
  expect(served).toHaveLength(2);
  await Promise.all(served.map(({ stopped }) => stopped));
});
