import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RouteConflictError, StaleEpochError, StoreUnavailableError } from '../../src/routes/errors.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../../src/routes/records.ts';
import type { InvalidationListener, RouteReader, RouteWriter } from '../../src/routes/store.ts';
import { firstEpoch } from '../../src/routes/store.ts';
import { hashToken, type TokenHash } from '../../src/routes/token.ts';
import { eventually } from '../harness/eventually.ts';

/**
 * What every route store must do, whatever it is built on. A store under test offers both sides and the accidents that
 * befall it; the suite asks nothing about how it keeps things.
 */
export interface StoreUnderTest<Dump = unknown> {
  newWriter(): RouteWriter;
  newReader(): RouteReader;
  /** The store's clock. */
  now(): Promise<number>;
  /** Resolves when the store's clock has reached the instant. */
  waitUntil(instant: number): Promise<void>;
  flush(): Promise<void>;
  dump(): Promise<Dump>;
  /** The process behind the store dies and another begins, with the dump or empty. */
  restart(dump?: Dump): Promise<void>;
  setReachable(reachable: boolean): Promise<void>;
  /** Every connection is cut once; new ones can be made at once. */
  cutConnections(): Promise<void>;
  close(): Promise<void>;
}

export class Recorder implements InvalidationListener {
  readonly heard: string[] = [];
  routeChanged(hash: TokenHash): void {
    this.heard.push(`route ${hash}`);
  }
  apiTokenChanged(hash: TokenHash): void {
    this.heard.push(`apiToken ${hash}`);
  }
  accountChanged(uid: string): void {
    this.heard.push(`account ${uid}`);
  }
  allChanged(): void {
    this.heard.push('all');
  }
}

export const hash = (name: string): TokenHash => hashToken(name);

export function route(changes: Partial<RouteRecord> = {}): RouteRecord {
  return {
    uid: 'server-a',
    namespace: 'support',
    name: 'assistant',
    displayName: 'Support assistant',
    exp: null,
    filter: { methods: ['read'], tags: ['support'] },
    accountUid: 'account-a',
    auth: 'path',
    state: 'live',
    ...changes,
  };
}

export function apiToken(changes: Partial<ApiTokenRecord> = {}): ApiTokenRecord {
  return {
    uid: 'api-token-a',
    namespace: 'support',
    name: 'ci',
    exp: null,
    scopes: ['connect'],
    servers: ['assistant'],
    ...changes,
  };
}

export function account(changes: Partial<AccountRecord> = {}): AccountRecord {
  return {
    uid: 'account-a',
    namespace: 'support',
    name: 'acme',
    websiteId: '0b4b8a5c-2f6d-4d64-8d5b-5d0f6f6f2a11',
    apiUrl: 'https://api.crisp.chat',
    credentials: [{ tier: 'plugin', identifier: 'an-identifier', key: 'a-very-secret-key' }],
    ...changes,
  };
}

export function describeRouteStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`The route store (${name})`, () => {
    let store: StoreUnderTest;
    let writer: RouteWriter;
    let reader: RouteReader;
    let recorder: Recorder;
    const opened: { close(): Promise<void> }[] = [];

    const newWriter = () => {
      const another = store.newWriter();
      opened.push(another);
      return another;
    };
    const newReader = async (listener: InvalidationListener) => {
      const another = store.newReader();
      opened.push(another);
      await another.start(listener);
      return another;
    };
    /** A leader of the first term on a verified, empty store. */
    const lead = async (leader = writer, term = 0) => {
      const epoch = await eventually(() => leader.takeEpoch(term), { what: 'taking an epoch' });
      await leader.markVerified(epoch);
      return epoch;
    };
    const readable = () => eventually(() => reader.fetchRoute(hash('probe')), { what: 'a readable store' });
    const read = async (token: string) => {
      const lookup = await eventually(() => reader.fetchRoute(hash(token)), { what: 'an answer' });
      return lookup.verified ? (lookup.route ?? 'absent') : 'unverified';
    };

    beforeEach(async () => {
      store = await open();
      writer = newWriter();
      recorder = new Recorder();
      reader = await newReader(recorder);
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
      await store.close();
    });

    test('serves nothing before a leader has declared it rebuilt', async () => {
      const epoch = await eventually(() => writer.takeEpoch(0));
      await writer.putRoute(epoch, hash('a'), route());
      await readable();
      expect(await writer.isVerified()).toBe(false);
      expect(await reader.fetchRoute(hash('a'))).toEqual({ verified: false });
      expect(await reader.fetchAccount('account-a')).toEqual({ verified: false });
      await writer.markVerified(epoch);
      expect(await writer.isVerified()).toBe(true);
      expect(await reader.fetchRoute(hash('a'))).toEqual({ verified: true, route: route() });
    });

    test('returns routes and accounts as they were written, and nothing for what is not there', async () => {
      const epoch = await lead();
      await writer.putRoute(epoch, hash('a'), route({ displayName: 'Überraschung "☂"', exp: null, accountUid: null }));
      await writer.putAccount(epoch, account());
      expect(await read('a')).toEqual(route({ displayName: 'Überraschung "☂"', accountUid: null }));
      expect(await read('b')).toBe('absent');
      expect(await reader.fetchAccount('account-a')).toEqual({ verified: true, account: account() });
      expect(await reader.fetchAccount('account-b')).toEqual({ verified: true, account: undefined });
      await writer.deleteAccount(epoch, 'account-a');
      expect(await reader.fetchAccount('account-a')).toEqual({ verified: true, account: undefined });
    });

    describe('fences leaders', () => {
      test('each epoch is higher than the last, and a later term is above all of an earlier one', async () => {
        const first = await eventually(() => writer.takeEpoch(3));
        const second = await writer.takeEpoch(3);
        const third = await newLeaderEpoch(4);
        expect(second).toBeGreaterThan(first);
        expect(third).toBeGreaterThan(firstEpoch(4));
        await store.flush();
        expect(await newLeaderEpoch(4)).toBeGreaterThan(second);
      });

      test('an epoch stays above the stored one when the lease was made anew and counts from zero', async () => {
        const before = await eventually(() => writer.takeEpoch(7));
        expect(await newLeaderEpoch(0)).toBeGreaterThan(before);
      });

      test('a leader whose first epoch is asked for late does not push out its successor', async () => {
        const successor = newWriter();
        const epoch = await lead(successor, 8);
        await eventually(() => writer.isVerified());
        await expect(writer.takeEpoch(7)).rejects.toThrow(/later lease term/);
        await successor.putRoute(epoch, hash('a'), route());
        expect(await read('a')).toEqual(route());
      });

      test('every write with an older epoch is refused', async () => {
        const old = await lead();
        await writer.putRoute(old, hash('a'), route());
        await newLeaderEpoch(1);
        const writes: Record<string, () => Promise<unknown>> = {
          putRoute: () => writer.putRoute(old, hash('b'), route()),
          putRoutes: () => writer.putRoutes(old, [{ hash: hash('b'), record: route() }]),
          deleteRoutes: () => writer.deleteRoutes(old, 'server-a'),
          removeRoutes: () => writer.removeRoutes(old, [hash('a')]),
          putApiToken: () => writer.apiTokens.put(old, hash('b'), apiToken()),
          putApiTokens: () => writer.apiTokens.putMany(old, [{ hash: hash('b'), record: apiToken() }]),
          deleteApiTokens: () => writer.apiTokens.deleteOf(old, 'api-token-a'),
          removeApiTokens: () => writer.apiTokens.remove(old, [hash('a')]),
          putAccount: () => writer.putAccount(old, account()),
          deleteAccount: () => writer.deleteAccount(old, 'account-a'),
          markVerified: () => writer.markVerified(old),
        };
        for (const [what, write] of Object.entries(writes)) {
          await expect(write(), what).rejects.toBeInstanceOf(StaleEpochError);
        }
        expect(await read('a')).toEqual(route());
        expect(await read('b')).toBe('absent');
      });

      test('a deposed leader cannot take another epoch of its term', async () => {
        await lead();
        const next = await newLeaderEpoch(1);
        await expect(writer.takeEpoch(0)).rejects.toBeInstanceOf(StaleEpochError);
        const leader = newWriter();
        await expect(eventually(() => leader.takeEpoch(2))).resolves.toBeGreaterThan(next);
      });

      async function newLeaderEpoch(term: number): Promise<number> {
        const leader = newWriter();
        return eventually(() => leader.takeEpoch(term));
      }
    });

    describe('keeps a token with one server', () => {
      test('a hash held by another live server is refused, and the holder keeps it', async () => {
        const epoch = await lead();
        await writer.putRoute(epoch, hash('a'), route({ uid: 'server-a' }));
        await expect(writer.putRoute(epoch, hash('a'), route({ uid: 'server-b' }))).rejects.toBeInstanceOf(
          RouteConflictError,
        );
        expect(await read('a')).toEqual(route({ uid: 'server-a' }));
      });

      test('the same server replaces what it wrote', async () => {
        const epoch = await lead();
        await writer.putRoute(epoch, hash('a'), route());
        await writer.putRoute(epoch, hash('a'), route({ state: 'unavailable' }));
        expect(await read('a')).toEqual(route({ state: 'unavailable' }));
      });

      test('the hash is free once the route of the other has expired', async () => {
        const epoch = await lead();
        const exp = (await store.now()) + 60;
        await writer.putRoute(epoch, hash('a'), route({ exp }));
        await store.waitUntil(exp);
        await writer.putRoute(epoch, hash('a'), route({ uid: 'server-b' }));
        expect(await read('a')).toEqual(route({ uid: 'server-b' }));
      });
    });

    describe('removes routes', () => {
      test('all of a server by its uid, without its tokens, and none of another', async () => {
        const epoch = await lead();
        await writer.putRoute(epoch, hash('a1'), route());
        await writer.putRoute(epoch, hash('a2'), route());
        await writer.putRoute(epoch, hash('b'), route({ uid: 'server-b' }));
        expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(2);
        expect([await read('a1'), await read('a2')]).toEqual(['absent', 'absent']);
        expect(await read('b')).toEqual(route({ uid: 'server-b' }));
        expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(0);
        expect(await writer.deleteRoutes(epoch, 'nobody')).toBe(0);
      });

      test('all but the one to keep, which can still be removed later', async () => {
        const epoch = await lead();
        for (const token of ['old', 'new']) await writer.putRoute(epoch, hash(token), route());
        expect(await writer.deleteRoutes(epoch, 'server-a', hash('new'))).toBe(1);
        expect(await read('old')).toBe('absent');
        expect(await read('new')).toEqual(route());
        expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(1);
        expect(await read('new')).toBe('absent');
      });

      test('by hash, whoever holds them', async () => {
        const epoch = await lead();
        await writer.putRoute(epoch, hash('a'), route());
        await writer.putRoute(epoch, hash('b'), route({ uid: 'server-b' }));
        expect(await writer.removeRoutes(epoch, [hash('a'), hash('b'), hash('c')])).toBe(2);
        expect([await read('a'), await read('b')]).toEqual(['absent', 'absent']);
      });
    });

    describe('lets routes expire', () => {
      test('to the millisecond: there before its end, gone at it', async () => {
        const epoch = await lead();
        await readable();
        const exp = (await store.now()) + 250;
        await writer.putRoute(epoch, hash('a'), route({ exp }));
        // Whatever is answered must agree with the store's clock on both sides of the question.
        for (let done = false; !done; ) {
          const before = await store.now();
          const found = await read('a');
          const after = await store.now();
          if (after < exp) expect(found).toEqual(route({ exp }));
          if (before >= exp) expect(found).toBe('absent');
          done = before >= exp;
          if (!done) await store.waitUntil(Math.max(before + 1, Math.min(exp, before + 40)));
        }
      });

      test('a route whose end has passed is not written, and the one before it is removed', async () => {
        const epoch = await lead();
        const past = await store.now();
        await writer.putRoute(epoch, hash('a'), route({ exp: past }));
        expect(await read('a')).toBe('absent');
        await writer.putRoute(epoch, hash('a'), route());
        await writer.putRoute(epoch, hash('a'), route({ exp: past }));
        expect(await read('a')).toBe('absent');
        expect((await writer.inventory()).routes.size).toBe(0);
      });

      test('a server with a route that ends and one that does not can still lose both', async () => {
        const epoch = await lead();
        const exp = (await store.now()) + 60;
        await writer.putRoute(epoch, hash('lasting'), route());
        await writer.putRoute(epoch, hash('ending'), route({ exp }));
        await store.waitUntil(exp);
        expect(await read('ending')).toBe('absent');
        expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(1);
        expect(await read('lasting')).toBe('absent');
      });
    });

    describe('reports what it holds', () => {
      test('with the revisions that the writer computes, so that an unchanged record needs no write', async () => {
        const epoch = await lead();
        await writer.putRoute(epoch, hash('a'), route());
        await writer.putAccount(epoch, account());
        await writer.apiTokens.put(epoch, hash('t'), apiToken());
        const { routes, apiTokens, accounts } = await writer.inventory();
        expect([...routes]).toEqual([
          [hash('a'), { uid: 'server-a', revision: writer.routeRevision(hash('a'), route()) }],
        ]);
        expect([...apiTokens]).toEqual([
          [hash('t'), { uid: 'api-token-a', revision: writer.apiTokens.revision(hash('t'), apiToken()) }],
        ]);
        expect([...accounts]).toEqual([['account-a', { revision: writer.accountRevision(account()) }]]);
      });

      test.each<[string, Partial<RouteRecord>]>([
        ['uid', { uid: 'server-z' }],
        ['namespace', { namespace: 'other' }],
        ['name', { name: 'other' }],
        ['displayName', { displayName: 'Other' }],
        ['exp', { exp: 4_102_444_800_000 }],
        ['filter', { filter: { methods: ['read'] } }],
        ['accountUid', { accountUid: null }],
        ['auth', { auth: 'api-token' }],
        ['rateLimit', { rateLimit: { perMinute: 60, burst: 10 } }],
        ['state', { state: 'unavailable' }],
      ])('a route that differs in %s has another revision', (_field, change) => {
        expect(writer.routeRevision(hash('a'), route(change))).not.toBe(writer.routeRevision(hash('a'), route()));
      });

      test.each<[string, Partial<AccountRecord>]>([
        ['websiteId', { websiteId: '11111111-2f6d-4d64-8d5b-5d0f6f6f2a11' }],
        ['apiUrl', { apiUrl: 'https://other.example' }],
        ['rateLimit', { rateLimit: { perMinute: 60, burst: 10 } }],
        ['a key', { credentials: [{ tier: 'plugin', identifier: 'an-identifier', key: 'another' }] }],
        ['a tier', { credentials: [{ tier: 'user', identifier: 'an-identifier', key: 'a-very-secret-key' }] }],
        ['the number of credentials', { credentials: [] }],
      ])('an account that differs in %s has another revision', (_field, change) => {
        expect(writer.accountRevision(account(change))).not.toBe(writer.accountRevision(account()));
      });

      test('the order of the fields of a filter does not matter', () => {
        const one = writer.routeRevision(hash('a'), route({ filter: { methods: ['read'], tags: ['x'] } }));
        expect(writer.routeRevision(hash('a'), route({ filter: { tags: ['x'], methods: ['read'] } }))).toBe(one);
      });
    });

    test('writes many routes at once and reports the outcome of each', async () => {
      const epoch = await lead();
      await writer.putRoute(epoch, hash('held'), route({ uid: 'server-b' }));
      const entries = Array.from({ length: 1200 }, (_, index) => ({
        hash: hash(`many-${index}`),
        record: route({ uid: `server-${index}` }),
      }));
      const outcomes = await writer.putRoutes(epoch, [
        { hash: hash('held'), record: route() },
        { hash: hash('past'), record: route({ exp: 1 }) },
        ...entries,
      ]);
      expect(outcomes.get(hash('held'))).toBe('conflict');
      expect(outcomes.get(hash('past'))).toBe('expired');
      expect([...outcomes.values()].filter((outcome) => outcome === 'written')).toHaveLength(1200);
      expect((await writer.inventory()).routes.size).toBe(1201);
      expect(await writer.deleteRoutes(epoch, 'server-7')).toBe(1);
    });

    describe('keeps API tokens by the rules of routes', () => {
      const readApiToken = async (token: string) => {
        const lookup = await eventually(() => reader.fetchApiToken(hash(token)), { what: 'an answer' });
        return lookup.verified ? (lookup.apiToken ?? 'absent') : 'unverified';
      };

      test('serves none before a leader has declared the store rebuilt', async () => {
        const epoch = await eventually(() => writer.takeEpoch(0));
        await writer.apiTokens.put(epoch, hash('t'), apiToken());
        await readable();
        expect(await readApiToken('t')).toBe('unverified');
        await writer.markVerified(epoch);
        expect(await readApiToken('t')).toEqual(apiToken());
      });

      test('is no route, and a route is no API token, also under the same token', async () => {
        const epoch = await lead();
        await writer.apiTokens.put(epoch, hash('t'), apiToken());
        expect(await read('t')).toBe('absent');
        await writer.putRoute(epoch, hash('r'), route());
        expect(await readApiToken('r')).toBe('absent');
        await writer.putRoute(epoch, hash('t'), route());
        expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(2);
        expect(await readApiToken('t')).toEqual(apiToken());
      });

      test('returns it as it was written, replaces it for the same resource and refuses it to another', async () => {
        const epoch = await lead();
        const all = apiToken({ scopes: ['connect', 'provision', 'read'], servers: ['*', 'other'] });
        await writer.apiTokens.put(epoch, hash('t'), apiToken());
        await writer.apiTokens.put(epoch, hash('t'), all);
        await expect(writer.apiTokens.put(epoch, hash('t'), apiToken({ uid: 'b' }))).rejects.toBeInstanceOf(
          RouteConflictError,
        );
        expect(await readApiToken('t')).toEqual(all);
      });

      test('removes all of a resource, all but one, or by hash', async () => {
        const epoch = await lead();
        for (const token of ['old', 'new']) await writer.apiTokens.put(epoch, hash(token), apiToken());
        await writer.apiTokens.put(epoch, hash('b'), apiToken({ uid: 'b' }));
        expect(await writer.apiTokens.deleteOf(epoch, 'api-token-a', hash('new'))).toBe(1);
        expect([await readApiToken('old'), await readApiToken('new')]).toEqual(['absent', apiToken()]);
        expect(await writer.apiTokens.deleteOf(epoch, 'api-token-a')).toBe(1);
        expect(await writer.apiTokens.remove(epoch, [hash('b'), hash('nobody')])).toBe(1);
        expect((await writer.inventory()).apiTokens.size).toBe(0);
      });

      test('lets it end at its end, and writes none whose end has passed', async () => {
        const epoch = await lead();
        const exp = (await store.now()) + 60;
        await writer.apiTokens.put(epoch, hash('t'), apiToken({ exp }));
        await store.waitUntil(exp);
        expect(await readApiToken('t')).toBe('absent');
        const outcomes = await writer.apiTokens.putMany(epoch, [
          { hash: hash('t'), record: apiToken({ exp }) },
          { hash: hash('u'), record: apiToken() },
        ]);
        expect([...outcomes]).toEqual([
          [hash('t'), 'expired'],
          [hash('u'), 'written'],
        ]);
      });

      test.each<[string, Partial<ApiTokenRecord>]>([
        ['uid', { uid: 'z' }],
        ['namespace', { namespace: 'other' }],
        ['name', { name: 'other' }],
        ['exp', { exp: 4_102_444_800_000 }],
        ['scopes', { scopes: ['connect', 'read'] }],
        ['servers', { servers: ['*'] }],
      ])('one that differs in %s has another revision', (_field, change) => {
        const { apiTokens } = writer;
        expect(apiTokens.revision(hash('t'), apiToken(change))).not.toBe(apiTokens.revision(hash('t'), apiToken()));
      });
    });

    describe('tells readers of changes', () => {
      const hears = async (what: string, action: () => Promise<unknown>) => {
        recorder.heard.splice(0);
        await action();
        await eventually(() => expect(recorder.heard).toContain(what), { timeout: 1000, interval: 2, what });
      };

      test('of a route that is written, replaced or removed, of an API token, and of an account', async () => {
        const epoch = await lead();
        await readable();
        await hears(`route ${hash('a')}`, () => writer.putRoute(epoch, hash('a'), route()));
        await hears(`route ${hash('a')}`, () => writer.putRoute(epoch, hash('a'), route({ state: 'unavailable' })));
        await hears(`route ${hash('a')}`, () => writer.deleteRoutes(epoch, 'server-a'));
        await hears(`apiToken ${hash('t')}`, () => writer.apiTokens.put(epoch, hash('t'), apiToken()));
        await hears(`apiToken ${hash('t')}`, () => writer.apiTokens.deleteOf(epoch, 'api-token-a'));
        await hears(`account account-a`, () => writer.putAccount(epoch, account()));
        await hears(`account account-a`, () => writer.deleteAccount(epoch, 'account-a'));
      });

      test('of each of many routes that are written together', async () => {
        const epoch = await lead();
        await readable();
        const hashes = Array.from({ length: 50 }, (_, index) => hash(`many-${index}`));
        await writer.putRoutes(
          epoch,
          hashes.map((each) => ({ hash: each, record: route() })),
        );
        await eventually(() =>
          expect(recorder.heard).toEqual(expect.arrayContaining(hashes.map((each) => `route ${each}`))),
        );
      });

      test('that all may have changed: verification gained, store emptied', async () => {
        const epoch = await eventually(() => writer.takeEpoch(0));
        await readable();
        await hears('all', () => writer.markVerified(epoch));
        await hears('all', () => store.flush());
        expect(await read('a')).toBe('unverified');
      });

      test('that all may have changed, when connections were cut', async () => {
        await lead();
        await readable();
        await hears('all', () => store.cutConnections());
      });
    });

    describe('never brings back what was revoked', () => {
      test('after a restart from an old dump nothing is served until a leader has rebuilt it', async () => {
        const old = await lead();
        await writer.putRoute(old, hash('revoked'), route({ uid: 'gone' }));
        await writer.putRoute(old, hash('live'), route());
        await writer.apiTokens.put(old, hash('t'), apiToken());
        const dump = await store.dump();
        await writer.deleteRoutes(old, 'gone');
        await writer.apiTokens.deleteOf(old, 'api-token-a');
        expect(await read('revoked')).toBe('absent');

        await store.restart(dump);
        expect(await read('revoked')).toBe('unverified');
        expect(await read('live')).toBe('unverified');
        expect(await reader.fetchApiToken(hash('t'))).toEqual({ verified: false });
        expect(await eventually(() => writer.isVerified())).toBe(false);

        const epoch = await writer.takeEpoch(0);
        expect(epoch).toBeGreaterThan(old);
        const { routes, apiTokens } = await writer.inventory();
        expect(routes.get(hash('revoked'))).toMatchObject({ uid: 'gone' });
        expect(apiTokens.get(hash('t'))).toMatchObject({ uid: 'api-token-a' });
        await writer.removeRoutes(epoch, [hash('revoked')]);
        await writer.markVerified(epoch);
        expect(await read('revoked')).toBe('absent');
        expect(await read('live')).toEqual(route());
      });

      test('after it was emptied: refuses writes and is not verified until a leader takes an epoch', async () => {
        const old = await lead();
        await store.flush();
        expect(await writer.isVerified()).toBe(false);
        await expect(writer.putRoute(old, hash('a'), route())).rejects.toBeInstanceOf(StoreUnavailableError);
        await expect(writer.markVerified(old)).rejects.toBeInstanceOf(StoreUnavailableError);
        expect(await read('a')).toBe('unverified');
        const epoch = await lead();
        expect(epoch).toBeGreaterThan(old);
        await writer.putRoute(epoch, hash('a'), route());
        expect(await read('a')).toEqual(route());
      });

      test('a rebuild that a restart interrupts does not count', async () => {
        const before = await lead();
        await writer.putRoute(before, hash('a'), route());
        const epoch = await writer.takeEpoch(0);
        await store.restart(await store.dump());
        await eventually(() => writer.isVerified(), { what: 'the store to answer again' });
        await expect(writer.markVerified(epoch)).rejects.toBeInstanceOf(StoreUnavailableError);
        expect(await read('a')).toBe('unverified');
      });
    });

    test('out of reach: every call fails within a bound and says so, and all heals by itself', async () => {
      const epoch = await lead();
      await writer.putRoute(epoch, hash('a'), route());
      await readable();
      expect(reader.staleness()).toBeLessThan(5000);
      await store.setReachable(false);
      const calls: Record<string, () => Promise<unknown>> = {
        fetchRoute: () => reader.fetchRoute(hash('a')),
        fetchAccount: () => reader.fetchAccount('account-a'),
        putRoute: () => writer.putRoute(epoch, hash('b'), route()),
        putRoutes: () => writer.putRoutes(epoch, [{ hash: hash('b'), record: route() }]),
        deleteRoutes: () => writer.deleteRoutes(epoch, 'server-a'),
        fetchApiToken: () => reader.fetchApiToken(hash('a')),
        putApiToken: () => writer.apiTokens.put(epoch, hash('b'), apiToken()),
        deleteApiTokens: () => writer.apiTokens.deleteOf(epoch, 'api-token-a'),
        putAccount: () => writer.putAccount(epoch, account()),
        inventory: () => writer.inventory(),
        isVerified: () => writer.isVerified(),
        takeEpoch: () => writer.takeEpoch(0),
      };
      for (const [what, call] of Object.entries(calls)) {
        const start = performance.now();
        await expect(call(), what).rejects.toBeInstanceOf(StoreUnavailableError);
        expect(performance.now() - start, what).toBeLessThan(10_000);
      }
      await store.setReachable(true);
      expect(await read('a')).toEqual(route());
      await eventually(() => writer.putRoute(epoch, hash('b'), route()));
      expect(reader.staleness()).toBeLessThan(5000);
    });

    test('measures the difference of the clocks', async () => {
      await lead();
      await readable();
      await eventually(() => expect(reader.clockOffset()).toBeDefined());
      expect(Math.abs(reader.clockOffset() ?? Number.NaN)).toBeLessThan(1000);
    });

    test('a reader that was never started has heard nothing', () => {
      const another = store.newReader();
      opened.push(another);
      expect(another.staleness()).toBe(Number.POSITIVE_INFINITY);
    });
  });
}
