import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { modern } from '../../src/gateway/gateway-fixture.ts';
import { type OpenStream, openStream } from '../../src/gateway/open-stream.ts';
import { eventually } from '../harness/eventually.ts';
import { askWith, issueApiToken } from './api-tokens.ts';
import { type Installation, install } from './installation.ts';
import { wholeSecondAhead } from './manifests.ts';

/**
 * The second factor as its users meet it: kubectl issues API tokens, a real operator puts them into a real Redis, and a
 * gateway process lets nobody in without one.
 */
let site: Installation;
let url: string;

beforeAll(async () => {
  site = await install({ name: 'api-token' });
  await site.applyAccount();
  await site.applyServer('vault', { methods: ['read'], requireApiTokenAuth: true });
  url = await site.urlOf('vault');
});

const issue: (name: string, spec?: Parameters<typeof issueApiToken>[2]) => Promise<string> = (name, spec) =>
  issueApiToken(site, name, spec);
const ask = (apiToken: string | undefined) => askWith(url, apiToken);

/** A stream that says when the tools of the server change. */
async function listen(apiToken: string): Promise<OpenStream> {
  const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, 'sub');
  const { port, pathname: path } = new URL(url);
  const stream = await openStream({
    port: Number(port),
    path,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiToken}`, ...headers },
    body: JSON.stringify(body),
  });
  await stream.next(({ type }) => type === 'message');
  return stream;
}

test('with an API token it serves, without or with a wrong one it is 401, the same in every byte', async () => {
  const apiToken = await issue('good');
  const wrong = await issue('for-another', { servers: ['another'] });
  const reading = await issue('reading', { scopes: ['read'], servers: undefined });
  expect((await ask(apiToken)).status).toBe(200);
  const missing = await ask(undefined);
  expect(missing.status).toBe(401);
  for (const refused of [wrong, reading, 'x'.repeat(43), 'x']) expect(await ask(refused)).toEqual(missing);
  expect(await site.kubectl('get', 'crispapitoken', 'good', '-o', 'yaml')).not.toContain(apiToken);
  expect(JSON.stringify(await site.redis.command('KEYS', '{crispmcp}:apitoken:*'))).not.toContain(apiToken);
});

test('its deletion refuses the next request and ends the stream that came with it, but no other', async () => {
  const [doomed, other] = [await issue('doomed'), await issue('other')];
  const [ending, lasting] = [await listen(doomed), await listen(other)];
  expect((await ask(doomed)).status).toBe(200);
  await site.kubectl('delete', 'crispapitoken', 'doomed', '--timeout=30s');
  await eventually(async () => expect((await ask(doomed)).status).toBe(401));
  await ending.closed;
  expect(ending.events.map(({ data }) => data).join()).toContain('API token');
  expect((await ask(other)).status).toBe(200);
  await site.applyServer('vault', { methods: ['read'], tags: ['helpdesk'], requireApiTokenAuth: true });
  await lasting.next(({ data }) => data.includes('list_changed'));
  lasting.close();
});

test('nothing is served at or after its expiresAt, its stream ends, and the resource goes', async () => {
  const expiresAt = wholeSecondAhead(15_000);
  const end = Date.parse(expiresAt);
  const apiToken = await issue('short', { expiresAt });
  const stream = await listen(apiToken);
  await sleep(Math.max(0, end - 500 - Date.now()));
  const answers: { sentAt: number; status: number }[] = [];
  while (Date.now() < end + 500) {
    const sentAt = Date.now();
    answers.push({ sentAt, status: (await ask(apiToken)).status });
  }
  const late = answers.filter(({ sentAt }) => sentAt >= end);
  expect(new Set(late.map(({ status }) => status))).toEqual(new Set([401]));
  await stream.closed;
  await eventually(async () =>
    expect(await site.kubectl('get', 'crispapitoken', 'short', '--ignore-not-found')).toBe(''),
  );
});

test('a Redis that was emptied admits nobody until it is rebuilt, then the same API tokens', async () => {
  const apiToken = await issue('survivor');
  await site.redis.command('FLUSHALL');
  await eventually(async () => expect((await ask(apiToken)).status).toBe(200), { timeout: 20_000 });
  expect((await ask(undefined)).status).toBe(401);
});
