import { describe, expect, it } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { StaleEpochError, StoreUnavailableError } from '../routes/errors.ts';
import { createMemoryRouteStore } from '../routes/memory-route-store.ts';
import type { AccountRecord, RouteRecord } from '../routes/records.ts';
import type { RouteEntry, RouteWriter } from '../routes/store.ts';
import { hashToken } from '../routes/token.ts';
import { StoreSync } from './store-sync.ts';

const record = (uid: string, fields: Partial<RouteRecord> = {}): RouteRecord => ({
  uid,
  namespace: 'default',
  name: uid,
  displayName: uid,
  exp: null,
  filter: {},
  accountUid: 'a1',
  auth: 'path',
  state: 'live',
  ...fields,
});
const account = (uid: string): AccountRecord => ({
  uid,
  namespace: 'default',
  name: uid,
  websiteId: 'w',
  apiUrl: 'https://api.crisp.chat',
  credentials: [],
});
const route = (token: string, uid: string): RouteEntry => ({ hash: hashToken(token), record: record(uid) });

function setUp(desired: { accounts?: AccountRecord[]; routes?: RouteEntry[] } = {}) {
  const clock = new FakeClock();
  const store = createMemoryRouteStore({ clock });
  const writer = store.writer();
  const calls: string[] = [];
  const live = new Set<string>((desired.routes ?? []).map((entry) => entry.record.uid));
  /**
   * `lost`: takes effect, but the answer is lost. `held`: given up while it is on its way; `late` lets it arrive.
   * `emptied`: refused until a new epoch is taken.
   */
  const answers = { lost: false, held: false, emptied: false };
  let late = (): Promise<void> => Promise.resolve();
  const counted: RouteWriter = {
    ...boundMethods(writer),
    takeEpoch: (transitions) => {
      answers.emptied = false;
      return writer.takeEpoch(transitions);
    },
    putRoute: async (epoch, hash, put) => {
      calls.push('putRoute');
      if (answers.emptied) throw new StoreUnavailableError('put route', 'the store was emptied');
      if (answers.held) {
        late = () => writer.putRoute(epoch, hash, put);
        throw new StoreUnavailableError('put route', 'Command timed out');
      }
      await writer.putRoute(epoch, hash, put);
      if (answers.lost) throw new StoreUnavailableError('put route', 'the answer was lost');
    },
    putRoutes: (epoch, routes) => {
      calls.push(`putRoutes ${routes.length}`);
      return writer.putRoutes(epoch, routes);
    },
    deleteRoutes: async (epoch, uid, keep) => {
      calls.push('deleteRoutes');
      const removed = await writer.deleteRoutes(epoch, uid, keep);
      if (answers.lost) throw new StoreUnavailableError('delete routes', 'the answer was lost');
      return removed;
    },
    deleteAccount: async (epoch, uid) => {
      await writer.deleteAccount(epoch, uid);
      if (answers.lost) throw new StoreUnavailableError('delete account', 'the answer was lost');
    },
  };
  const fenced: Error[] = [];
  const released: string[] = [];
  const sync = new StoreSync({
    writer: counted,
    clock,
    logger: silentLogger,
    isLeading: () => true,
    desired: async () => ({ accounts: desired.accounts ?? [], routes: desired.routes ?? [], apiTokens: [] }),
    isLiveServer: (uid) => live.has(uid),
    isLiveApiToken: (uid) => live.has(uid),
    isLiveAccount: (uid) => uid === 'a1',
    onRecovered: () => undefined,
    onReleased: (_kind, hash) => released.push(hash),
    onFenced: (error) => fenced.push(error),
  });
  return { clock, store, writer, sync, calls, fenced, released, live, answers, late: () => late() };
}

function boundMethods(writer: RouteWriter): RouteWriter {
  return {
    takeEpoch: (transitions) => writer.takeEpoch(transitions),
    putRoute: (epoch, hash, put) => writer.putRoute(epoch, hash, put),
    putRoutes: (epoch, routes) => writer.putRoutes(epoch, routes),
    deleteRoutes: (epoch, uid, keep) => writer.deleteRoutes(epoch, uid, keep),
    removeRoutes: (epoch, hashes) => writer.removeRoutes(epoch, hashes),
    apiTokens: writer.apiTokens,
    putAccount: (epoch, put) => writer.putAccount(epoch, put),
    deleteAccount: (epoch, uid) => writer.deleteAccount(epoch, uid),
    inventory: () => writer.inventory(),
    routeRevision: (hash, put) => writer.routeRevision(hash, put),
    accountRevision: (put) => writer.accountRevision(put),
    isVerified: () => writer.isVerified(),
    markVerified: (epoch) => writer.markVerified(epoch),
    close: () => writer.close(),
  };
}

const A = hashToken('a');

describe('a rebuild', () => {
  it('writes what is missing, removes what belongs to nobody, and leaves the rest', async () => {
    const t = setUp({ accounts: [account('a1')], routes: [route('a', 'u1'), route('b', 'u2')] });
    const epoch = await t.writer.takeEpoch(0);
    await t.writer.putRoute(epoch, A, record('u1'));
    await t.writer.putRoute(epoch, hashToken('stray'), record('gone'));
    await t.writer.putRoute(epoch, hashToken('old token'), record('u2'));
    await t.writer.putAccount(epoch, account('gone'));
    await t.sync.start(1);
    const { routes, accounts } = await t.store.inventory();
    expect([...routes.keys()].sort()).toEqual([A, hashToken('b')].sort());
    expect([...accounts.keys()]).toEqual(['a1']);
    expect(t.calls).toEqual(['putRoutes 1']);
    expect(await t.store.isVerified()).toBe(true);
  });

  it('hands a token over when the store has it under the wrong server', async () => {
    const t = setUp({ routes: [route('a', 'u1')] });
    const epoch = await t.writer.takeEpoch(0);
    await t.writer.putRoute(epoch, A, record('other'));
    await t.sync.start(1);
    expect((await t.store.inventory()).routes.get(A)?.uid).toBe('u1');
  });

  it('keeps other writes waiting until it is done', async () => {
    const t = setUp({ routes: [route('a', 'u1')] });
    const started = t.sync.start(1);
    const put = t.sync.putRoute(hashToken('b'), record('u2'));
    await started;
    await put;
    expect(t.calls).toEqual(['putRoutes 1', 'putRoute']);
  });
});

describe('single writes', () => {
  it('happen once for one state', async () => {
    const t = setUp();
    await t.sync.start(1);
    await t.sync.putRoute(A, record('u1'));
    await t.sync.putRoute(A, record('u1'));
    await t.sync.deleteRoutes('u1', A);
    await t.sync.deleteRoutes('never seen');
    expect(t.calls).toEqual(['putRoute']);
  });

  it('are repeated when their outcome is unknown, and removed even if they only may have happened', async () => {
    const t = setUp();
    await t.sync.start(1);
    t.answers.lost = true;
    await expect(t.sync.putRoute(A, record('u1'))).rejects.toThrow(StoreUnavailableError);
    t.answers.lost = false;
    await t.sync.deleteRoutes('u1');
    expect(t.calls).toEqual(['putRoute', 'deleteRoutes']);
    expect((await t.store.inventory()).routes.size).toBe(0);
  });

  it('put back what only may have been removed', async () => {
    const t = setUp({ routes: [route('a', 'u1')], accounts: [account('a1')] });
    await t.sync.start(1);
    t.answers.lost = true;
    await expect(t.sync.deleteRoutes('u1', hashToken('b'))).rejects.toThrow(StoreUnavailableError);
    await expect(t.sync.deleteAccount('a1')).rejects.toThrow(StoreUnavailableError);
    t.answers.lost = false;
    await t.sync.putRoute(A, record('u1'));
    await t.sync.putAccount(account('a1'));
    const { routes, accounts } = await t.store.inventory();
    expect([...routes.keys(), ...accounts.keys()]).toEqual([A, 'a1']);
  });

  it('take effect before the next one or never, when they were given up', async () => {
    const t = setUp();
    await t.sync.start(1);
    t.answers.held = true;
    await expect(t.sync.putRoute(A, record('u1'))).rejects.toThrow(StoreUnavailableError);
    t.answers.held = false;
    await t.sync.deleteRoutes('u1');
    await expect(t.late()).rejects.toThrow(StaleEpochError);
    expect((await t.store.inventory()).routes.size).toBe(0);
    await t.sync.putRoute(hashToken('b'), record('u2'));
    expect(t.fenced).toEqual([]);
  });

  it('go on when the store has lost its epoch', async () => {
    const t = setUp();
    await t.sync.start(1);
    t.answers.emptied = true;
    await expect(t.sync.putRoute(A, record('u1'))).rejects.toThrow(StoreUnavailableError);
    await t.sync.putRoute(A, record('u1'));
    expect((await t.store.inventory()).routes.get(A)?.uid).toBe('u1');
  });

  it('are removed if they only may have happened, also with a token taken from a server that is gone', async () => {
    const t = setUp();
    await t.sync.start(1);
    await t.sync.putRoute(A, record('gone'));
    t.answers.lost = true;
    await expect(t.sync.putRoute(A, record('u2'))).rejects.toThrow(StoreUnavailableError);
    t.answers.lost = false;
    await t.sync.deleteRoutes('u2');
    expect((await t.store.inventory()).routes.size).toBe(0);
  });

  it('do not take a token from a live server, and do from one that is gone', async () => {
    const t = setUp();
    await t.sync.start(1);
    await t.sync.putRoute(A, record('u1'));
    t.live.add('u1');
    await expect(t.sync.putRoute(A, record('u2'))).rejects.toMatchObject({ code: 'ROUTES_TOKEN_CONFLICT' });
    t.live.delete('u1');
    await t.sync.putRoute(A, record('u2'));
    expect((await t.store.inventory()).routes.get(A)?.uid).toBe('u2');
    expect(t.released).toEqual([A]);
  });

  it('end this leadership when another leader has written', async () => {
    const t = setUp();
    await t.sync.start(1);
    await t.store.writer().takeEpoch(2);
    await expect(t.sync.putRoute(A, record('u1'))).rejects.toMatchObject({ code: 'ROUTES_STALE_EPOCH' });
    expect(t.fenced).toHaveLength(1);
    expect(t.sync.state).toBe('stopped');
  });

  it('know when a route they cannot remove is dead anyway', async () => {
    const t = setUp();
    await t.sync.start(1);
    await t.sync.putRoute(A, record('u1', { exp: t.clock.now() + 1_000 }));
    expect(t.sync.mirror.routes.hasOutlived('u1', t.clock.now())).toBe(false);
    expect(t.sync.mirror.routes.hasOutlived('u1', t.clock.now() + 1_000)).toBe(true);
    expect(t.sync.mirror.routes.hasOutlived('unknown', t.clock.now())).toBe(false);
  });
});

describe('the periodic comparison', () => {
  it('removes strays and notices what was changed behind our back', async () => {
    const t = setUp({ routes: [route('a', 'u1')] });
    await t.sync.start(1);
    const epoch = 1_048_577;
    await t.writer.putRoute(epoch, hashToken('stray'), record('gone'));
    await t.writer.putRoute(epoch, A, record('u1', { displayName: 'widened' }));
    await t.sync.resync();
    expect([...(await t.store.inventory()).routes.keys()]).toEqual([A]);
    await t.sync.putRoute(A, record('u1'));
    expect(t.calls).toEqual(['putRoutes 1', 'putRoute']);
  });
});
