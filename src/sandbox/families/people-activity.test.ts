import { expect, test } from 'vitest';
import type { Tier } from '../../catalog/tool.ts';
import { sandboxBench } from '../testing.ts';

const STORED = { url: 'https://storage.example.com/people.csv' };

test.each<[string, Tier, string, string, unknown, number, string]>([
  ['an event without text', 'plugin', 'POST', '/people/events/{id}', { data: {} }, 400, 'invalid_data'],
  ['custom data that is nested', 'plugin', 'PUT', '/people/data/{id}', { data: { a: {} } }, 400, 'invalid_data'],
  [
    'a subscription that is a word',
    'plugin',
    'PATCH',
    '/people/subscription/{id}',
    { email: 'yes' },
    400,
    'invalid_data',
  ],
  ['events of nobody', 'plugin', 'GET', '/people/events/nobody@example.org/list/1', undefined, 404, 'people_not_found'],
  [
    'campaigns of a person to a plugin',
    'plugin',
    'GET',
    '/people/campaigns/{id}/list/1',
    undefined,
    403,
    'not_allowed',
  ],
  ['an export to a plugin', 'plugin', 'POST', '/people/export/profiles', {}, 403, 'not_allowed'],
  ['an import without a mapping', 'user', 'POST', '/people/import/profiles', STORED, 400, 'invalid_data'],
  [
    'an unknown suggestion',
    'plugin',
    'DELETE',
    '/people/suggest/segment',
    { segment: '?' },
    404,
    'suggestion_not_found',
  ],
])('refuses %s', async (_name, tier, method, path, body, status, reason) => {
  await using bench = await sandboxBench();
  const [id = ''] = bench.sandbox.state.main.people.keys();
  const before = JSON.stringify(bench.sandbox.state.dump());
  expect(await bench.as(tier)(method, path.replace('{id}', id), body)).toMatchObject({ status, reason });
  expect(JSON.stringify(bench.sandbox.state.dump())).toBe(before);
});

test('a forgotten suggestion leaves the profiles as they are', async () => {
  await using bench = await sandboxBench();
  const vips = () =>
    [...bench.sandbox.state.main.people.values()].filter(({ profile }) => String(profile.segments).includes('vip'));
  const before = vips().length;
  await bench.as('website')('DELETE', '/people/suggest/segment', { segment: 'vip' });
  expect(vips()).toHaveLength(before);
  expect(before).toBeGreaterThan(0);
});
