import { expect, test } from 'vitest';
import type { Tier } from '../../catalog/tool.ts';
import { sandboxBench } from '../testing.ts';

test.each<[string, Tier, string, string, unknown, number, string]>([
  ['an unknown setting', 'plugin', 'PATCH', '/helpdesk/settings', { behavior: { dance: true } }, 400, 'invalid_data'],
  ['a setting of another type', 'plugin', 'PATCH', '/helpdesk/settings', { name: 5 }, 400, 'invalid_data'],
  ['half a domain', 'user', 'PATCH', '/helpdesk/domain', { basic: 'acme' }, 400, 'invalid_data'],
  ['a domain to a plugin', 'plugin', 'GET', '/helpdesk/domain', undefined, 403, 'not_allowed'],
  ['a second helpdesk', 'user', 'POST', '/helpdesk', { name: 'x', domain_basic: 'x' }, 409, 'helpdesk_exists'],
  ['deletion by a bare password', 'user', 'DELETE', '/helpdesk', { verify: 'secret' }, 400, 'invalid_data'],
  ['a redirection to nowhere', 'plugin', 'POST', '/helpdesk/redirection', { path: '/a/' }, 400, 'invalid_data'],
  ['a change of a redirection', 'plugin', 'PATCH', '/helpdesk/redirection/1', {}, 405, 'method_not_allowed'],
  ['an unknown redirection', 'plugin', 'GET', '/helpdesk/redirection/1', undefined, 404, 'redirection_not_found'],
  ['feedback of poems', 'plugin', 'GET', '/helpdesk/feedback/ratings/en/poems', undefined, 400, 'invalid_data'],
  ['an import from no URL', 'user', 'POST', '/helpdesk/import/en/articles', { helpdesk_url: 'x' }, 400, 'invalid_data'],
  ['an export of another locale', 'user', 'POST', '/helpdesk/export/tlh/articles', {}, 404, 'locale_not_found'],
])('refuses %s', async (_name, tier, method, path, body, status, reason) => {
  await using bench = await sandboxBench();
  const before = JSON.stringify(bench.sandbox.state.dump());
  expect(await bench.as(tier)(method, path, body)).toMatchObject({ status, reason });
  expect(JSON.stringify(bench.sandbox.state.dump())).toBe(before);
});

test('without a helpdesk every route of it but its set-up says so', async () => {
  await using bench = await sandboxBench();
  bench.sandbox.state.main.helpdesk.exists = false;
  for (const path of ['/helpdesk', '/helpdesk/settings', '/helpdesk/locales/1', '/helpdesk/tree/list/en/articles/1']) {
    expect(await bench.as('user')('GET', path)).toMatchObject({ status: 404, reason: 'helpdesk_not_found' });
  }
  const setup = { name: 'Help', domain_basic: 'help' };
  expect(await bench.as('user')('POST', '/helpdesk', setup)).toMatchObject({ status: 201 });
});

test('the empty second website has no helpdesk', async () => {
  await using bench = await sandboxBench();
  const other = [...bench.sandbox.state.websites.keys()].at(-1);
  const answer = await bench.as('user')('HEAD', `/v1/website/${other}/helpdesk`);
  expect(answer.status).toBe(404);
});
