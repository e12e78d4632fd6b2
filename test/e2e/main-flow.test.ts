import { beforeAll, expect, test } from 'vitest';
import { type Installation, install } from './installation.ts';
import { callTool, listTools } from './mcp-client.ts';

let site: Installation;

beforeAll(async () => {
  site = await install({ name: 'main-flow' });
  await site.applyAccount();
});

test('a server that is applied is ready within seconds and its URL lists and calls tools', async () => {
  await site.applyServer('first');
  const url = await site.urlOf('first');
  expect((await listTools(url)).length).toBeGreaterThan(10);
  const answer = await callTool(url, 'list_all_crisp_conversations');
  expect(answer).toMatchObject({ isError: false });
});
