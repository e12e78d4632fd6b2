import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { TamperedRecordError } from '../routes/errors.ts';
import { hashToken } from '../routes/token.ts';
import { accountRecord, FakeReader, readerWithRoute, routeRecord, TOKEN, token } from './fakes.ts';
import { RouteCache, type RouteCacheOptions } from './route-cache.ts';

function cache(reader: FakeReader, options: Partial<RouteCacheOptions> = {}) {
  const clock = new FakeClock();
  const routes = new RouteCache({ reader, clock, ...options });
  reader.listener = routes;
  return { routes, clock };
}

describe('route cache', () => {
  test('a known token costs no fetch and is answered at once', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    expect(await routes.resolve(TOKEN)).toMatchObject({ kind: 'found', account: { tiersKey: 'plugin' } });
    expect(reader.fetches).toBe(2);
    const again = routes.resolve(TOKEN);
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toMatchObject({ kind: 'found' });
    expect(reader.fetches).toBe(2);
  });

  test('many requests for one token share one fetch', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    reader.hold();
    const answers = Array.from({ length: 50 }, () => routes.resolve(TOKEN));
    expect(reader.fetches).toBe(1);
    reader.release();
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'found' });
    expect(reader.fetches).toBe(2);
  });

  test('an unknown token is remembered for a moment and then asked for again', async () => {
    const reader = new FakeReader();
    const { routes, clock } = cache(reader, { unknownFor: 1_000 });
    expect(await routes.resolve(TOKEN)).toEqual({ kind: 'unknown' });
    expect(routes.resolve(TOKEN)).toEqual({ kind: 'unknown' });
    expect(reader.fetches).toBe(1);
    clock.advance(1_000);
    expect(await routes.resolve(TOKEN)).toEqual({ kind: 'unknown' });
    expect(reader.fetches).toBe(2);
  });

  test('a token that becomes known is served at once, though it was remembered as unknown', async () => {
    const reader = readerWithRoute();
    reader.routes.clear();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    reader.put(TOKEN, routeRecord());
    expect(await routes.resolve(TOKEN)).toMatchObject({ kind: 'found' });
  });

  test('guessed tokens never push out a live route and are remembered in bounded number', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader, { maxRoutes: 2, maxUnknown: 3 });
    await routes.resolve(TOKEN);
    for (let guess = 0; guess < 20; guess++) await routes.resolve(token(guess));
    expect(routes.resolve(TOKEN)).toMatchObject({ kind: 'found' });
  });

  test('a revoked route is gone with the invalidation', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    reader.revoke(TOKEN);
    expect(await routes.resolve(TOKEN)).toEqual({ kind: 'unknown' });
  });

  test('an answer that a revocation overtakes is neither kept nor given', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    reader.hold();
    const answer = routes.resolve(TOKEN);
    reader.revoke(TOKEN);
    reader.release();
    expect(await answer).toEqual({ kind: 'unknown' });
    expect(routes.counts.fetchesOvertaken).toBe(1);
  });

  test('a revocation between the fetch of the route and that of its account is seen', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    routes.accountChanged('account-uid');
    reader.hold();
    const answer = routes.resolve(TOKEN);
    reader.revoke(TOKEN);
    reader.release();
    expect(await answer).toEqual({ kind: 'unknown' });
  });

  test('a fetch that is overtaken again and again ends in "come back", never in a stale answer', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    reader.fetchRoute = async () => {
      const answer = { verified: true, route: routeRecord() } as const;
      await Promise.resolve();
      routes.routeChanged(hashToken(TOKEN));
      return answer;
    };
    expect(await routes.resolve(TOKEN)).toEqual({ kind: 'unavailable', cause: 'changing' });
  });

  test('a changed account is fetched alone', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    reader.putAccount(accountRecord({ credentials: [{ tier: 'website', identifier: 'i', key: 'k' }] }));
    expect(await routes.resolve(TOKEN)).toMatchObject({ kind: 'found', account: { tiers: ['website'] } });
    expect(reader.fetches).toBe(3);
  });

  test('a missing account is found again as soon as it is written', async () => {
    const reader = readerWithRoute();
    reader.accounts.clear();
    const { routes } = cache(reader);
    expect(await routes.resolve(TOKEN)).toMatchObject({ kind: 'found', account: undefined });
    reader.putAccount(accountRecord());
    expect(await routes.resolve(TOKEN)).toMatchObject({ account: { uid: 'account-uid' } });
  });

  test('one unverified answer forgets every route', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    reader.verified = false;
    expect(await routes.resolve(token(1))).toEqual({ kind: 'unavailable', cause: 'unverified' });
    expect(await routes.resolve(TOKEN)).toEqual({ kind: 'unavailable', cause: 'unverified' });
  });

  test('an unverified store is not asked by every request, and is asked at once when it says it changed', async () => {
    const reader = readerWithRoute();
    const { routes, clock } = cache(reader);
    reader.verified = false;
    await routes.resolve(TOKEN);
    await routes.resolve(TOKEN);
    expect(reader.fetches).toBe(1);
    clock.advance(100);
    await routes.resolve(TOKEN);
    expect(reader.fetches).toBe(2);
    reader.verified = true;
    routes.allChanged();
    expect(await routes.resolve(TOKEN)).toMatchObject({ kind: 'found' });
  });

  test('when everything may have changed, everything is fetched again and running fetches are void', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    reader.hold();
    routes.allChanged();
    const answer = routes.resolve(TOKEN);
    reader.routes.clear();
    routes.allChanged();
    reader.release();
    expect(await answer).toEqual({ kind: 'unknown' });
  });

  test('a failing store makes unknown tokens unavailable while known ones stay', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    await routes.resolve(TOKEN);
    reader.failure = new Error('down');
    expect(routes.resolve(TOKEN)).toMatchObject({ kind: 'found' });
    expect(await routes.resolve(token(1))).toEqual({ kind: 'unavailable', cause: 'store-failed' });
    expect(routes.counts.fetchesFailed).toBe(1);
  });

  test('a store that never answers is given up after the timeout', async () => {
    const reader = readerWithRoute();
    const { routes, clock } = cache(reader, { fetchTimeout: 2_000 });
    reader.hold();
    const answer = routes.resolve(TOKEN);
    await clock.advanceAsync(2_000);
    expect(await answer).toEqual({ kind: 'unavailable', cause: 'store-failed' });
  });

  test('more fetches than the bound are refused, not queued', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader, { maxFetches: 1 });
    reader.hold();
    const first = routes.resolve(TOKEN);
    expect(await routes.resolve(token(1))).toEqual({ kind: 'unavailable', cause: 'busy' });
    reader.release();
    expect(await first).toMatchObject({ kind: 'found' });
  });

  test('a tampered record counts as no route', async () => {
    const reader = readerWithRoute();
    const { routes } = cache(reader);
    reader.fetchRoute = () => Promise.reject(new TamperedRecordError('The route'));
    expect(await routes.resolve(TOKEN)).toEqual({ kind: 'unknown' });
  });

  test('equal filters are one object with one key', async () => {
    const reader = readerWithRoute();
    for (const n of [1, 2]) reader.put(token(n), routeRecord({ filter: { methods: ['read'], tags: ['support'] } }));
    reader.put(token(3), routeRecord({ filter: { methods: ['read'] } }));
    const { routes } = cache(reader);
    const found = await Promise.all([1, 2, 3].map((n) => routes.resolve(token(n))));
    const [first, second, third] = found.map((answer) => (answer.kind === 'found' ? answer.route : undefined));
    expect(first?.record.filter).toBe(second?.record.filter);
    expect(first?.filterKey).toBe(second?.filterKey);
    expect(third?.filterKey).not.toBe(first?.filterKey);
  });
});
