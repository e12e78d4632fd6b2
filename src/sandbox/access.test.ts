import { expect, test } from 'vitest';
import type { Tier } from '../catalog/tool.ts';
import { authorization, sandboxBench } from './testing.ts';

const ask = async (url: string, headers: Record<string, string>) => {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.json() };
};

test('both headers are required and a key must be right', async () => {
  await using bench = await sandboxBench();
  const { sandbox } = bench;
  const url = `${sandbox.url}/v1/website/${sandbox.websiteId}`;
  const good = authorization(sandbox, 'plugin');
  const refused = { status: 401, body: { error: true, reason: 'invalid_session', data: {} } };
  expect(await ask(url, good)).toMatchObject({ status: 200, body: { error: false, reason: 'resolved' } });
  expect(await ask(url, {})).toEqual(refused);
  expect(await ask(url, { 'x-crisp-tier': 'plugin' })).toEqual(refused);
  expect(await ask(url, { authorization: good.authorization ?? '' })).toEqual(refused);
  expect(await ask(url, { ...good, 'x-crisp-tier': 'root' })).toEqual(refused);
  expect(
    await ask(url, { ...good, authorization: `Basic ${btoa(`${sandbox.credentials.plugin.identifier}:x`)}` }),
  ).toEqual(refused);
});

test('a token works only under its own tier', async () => {
  await using bench = await sandboxBench();
  const url = `${bench.sandbox.url}/v1/website/${bench.sandbox.websiteId}`;
  const headers = { ...authorization(bench.sandbox, 'plugin'), 'x-crisp-tier': 'user' };
  expect(await ask(url, headers)).toMatchObject({ status: 401, body: { reason: 'invalid_session' } });
});

test.each<[string, Tier, string, string, number, string]>([
  ['a route that does not accept the tier', 'plugin', 'GET', '/campaigns/list/1', 403, 'not_allowed'],
  ['the same route with the user tier', 'user', 'GET', '/campaigns/list/1', 206, 'listed'],
  ['website deletion with a website token', 'website', 'DELETE', '', 403, 'not_allowed'],
  ['an unknown route', 'website', 'GET', '/nothing/here', 404, 'not_found'],
  ['a wrong verb on a known path', 'website', 'DELETE', '/conversations/1', 405, 'method_not_allowed'],
  ['an unknown website', 'user', 'GET', '/v1/website/nobody/conversations/1', 404, 'website_not_found'],
  ['a path outside of /v1', 'user', 'GET', '/v1x/website', 404, 'not_found'],
  ['a badly encoded path', 'user', 'GET', '/v1/website/%E0%A4%A', 404, 'not_found'],
  [
    'a legacy helpdesk write',
    'website',
    'POST',
    '/helpdesk/locale/en/article',
    403,
    'website_cannot_write_to_legacy_helpdesk',
  ],
  ['a legacy helpdesk read', 'website', 'GET', '/helpdesk/locale/en/articles/1', 404, 'not_found'],
])('%s: %s %s %s answers %d %s', async (_name, tier, method, path, status, reason) => {
  await using bench = await sandboxBench();
  expect(await bench.as(tier)(method, path, method === 'POST' ? {} : undefined)).toMatchObject({ status, reason });
});

test('a plugin token needs the plugin on the website, a website token its own website', async () => {
  await using bench = await sandboxBench();
  const { sandbox } = bench;
  const other = [...sandbox.state.websites.keys()].find((id) => id !== sandbox.websiteId);
  const path = `/v1/website/${other}`;
  expect(await bench.as('plugin')('GET', path)).toMatchObject({ status: 404, reason: 'not_subscribed' });
  expect(await bench.as('website')('GET', path)).toMatchObject({ status: 403, reason: 'not_allowed' });
  expect(await bench.as('user')('GET', path)).toMatchObject({ status: 200, data: { name: 'Acme Labs' } });
  sandbox.state.main.pluginInstalled = false;
  expect(await bench.as('plugin')('GET', '')).toMatchObject({ status: 404, reason: 'not_subscribed' });
});

test.each([
  ['no JSON', '{"type":', 400, 'data should be valid JSON'],
  [
    'too large',
    JSON.stringify({ content: 'x'.repeat(8_000_000) }),
    413,
    'data should NOT be larger than 1000000 bytes',
  ],
])('a body that is %s is refused', async (_name, body, status, message) => {
  await using bench = await sandboxBench();
  const session = [...bench.sandbox.state.main.conversations.keys()][0];
  const answer = await bench.as('website')('POST', `/conversation/${session}/message`, body);
  expect(answer).toMatchObject({ status, reason: 'invalid_data', data: { message } });
});

test('HEAD answers with a status and no body', async () => {
  await using bench = await sandboxBench();
  const session = [...bench.sandbox.state.main.conversations.keys()][0];
  expect(await bench.as('website')('HEAD', `/conversation/${session}`)).toMatchObject({ status: 200, data: undefined });
  expect(await bench.as('website')('HEAD', '/conversation/session_none')).toMatchObject({ status: 404 });
});

test('remembers requests without credentials', async () => {
  await using bench = await sandboxBench();
  await bench.as('website')('GET', '/conversations/1?per_page=50');
  const [record] = bench.sandbox.requests;
  expect(record).toMatchObject({
    method: 'GET',
    path: `/v1/website/${bench.sandbox.websiteId}/conversations/1`,
    query: 'per_page=50',
    tier: 'website',
    operation: 'website.listConversations',
    status: 206,
  });
  expect(JSON.stringify(bench.sandbox.requests)).not.toContain(bench.sandbox.credentials.website.key);
});
