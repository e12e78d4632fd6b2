import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { createLogger } from '../../src/process/logger.ts';
import { createMetrics } from '../../src/process/metrics.ts';
import { systemRandom } from '../../src/process/random.ts';
import { StoreUnavailableError, TamperedRecordError } from '../../src/routes/errors.ts';
import { createKeyring, type Keyring, newKeyringEntry } from '../../src/routes/keyring.ts';
import { GATEWAY_RULES, OPERATOR_RULES } from '../../src/routes/redis/acl.ts';
import { createRedisRouteReader, type RedisRouteReader } from '../../src/routes/redis-route-reader.ts';
import { createRedisRouteWriter, type RedisRouteWriter } from '../../src/routes/redis-route-writer.ts';
import { DAMAGED, UNINDEXED } from '../../src/routes/store.ts';
import { accountKey, apiTokenKey, indexEntry, OWN_PREFIX, ownKey, routeKey } from '../../src/routes/store-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';
import {
  account,
  apiToken,
  describeRouteStore,
  hash,
  Recorder,
  route,
  type StoreUnderTest,
} from './route-store-suite.ts';

/**
 * The conformance suite on a real Redis, reached only by two users with exactly the rights of `redis/acl.ts`, and what
 * concerns Redis alone: tampered records, lost scripts, killed connections, rotated keys.
 */
const PASSWORD = issueSecret('p%ss w:rd/@secret-of-the-store', 'password of the Redis users');
const keyring = createKeyring({ current: issueSecret(newKeyringEntry(systemRandom), 'keyring entry') });
const logs: string[] = [];
const logger = createLogger({ name: 'test', level: 'debug', destination: { write: (line) => logs.push(line) } });

let server: RedisServer;
let users = 0;

async function defineUsers(): Promise<void> {
  await server.command('ACL', 'SETUSER', 'operator', 'on', `>${PASSWORD}`, ...OPERATOR_RULES);
  await server.command('ACL', 'SETUSER', 'gateway', 'on', `>${PASSWORD}`, ...GATEWAY_RULES);
  users += 1;
}

const urlOf = (user: string) => `redis://${user}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`;
const shared = { keyring, clock: systemClock, logger, connectTimeout: 400, commandTimeout: 400 };

function newWriter(keys: Keyring = keyring): RedisRouteWriter {
  return createRedisRouteWriter({ ...shared, keyring: keys, redis: { url: urlOf('operator') } });
}

function newReader(keys: Keyring = keyring, metrics = createMetrics({ process: 'test', runtime: false })) {
  return createRedisRouteReader({ ...shared, keyring: keys, metrics, redis: { url: urlOf('gateway') } });
}

async function redisTime(): Promise<number> {
  const reply = await server.command('TIME');
  if (!Array.isArray(reply)) throw new Error('TIME answers with a list');
  return Number(reply[0]) * 1000 + Math.floor(Number(reply[1]) / 1000);
}

beforeAll(async () => {
  server = await startRedis({ name: 'route-store', flags: ['--enable-debug-command', 'yes'] });
  await defineUsers();
});

afterAll(() => {
  expect(users).toBeGreaterThan(0);
  const text = logs.join('\n');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'a-very-secret-key', hash('a')]) {
    expect(text.includes(secret), 'a secret in the logs').toBe(false);
  }
});

async function cutConnections(): Promise<void> {
  await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
  await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
}

async function open(): Promise<StoreUnderTest<string>> {
  await server.command('FLUSHALL');
  return {
    newWriter,
    newReader,
    now: redisTime,
    async waitUntil(instant) {
      for (let left = instant - (await redisTime()); left > 0; left = instant - (await redisTime())) await sleep(left);
    },
    async flush() {
      await server.command('FLUSHALL');
    },
    dump: () => server.saveDump(),
    async restart(fromDump) {
      await server.restart(fromDump === undefined ? { empty: true } : { fromDump });
      await defineUsers();
    },
    async setReachable(reachable) {
      if (reachable) server.thaw();
      else server.freeze();
    },
    cutConnections,
    async close() {
      server.thaw();
    },
  };
}

describeRouteStore('Redis', open);

describe('The route store in Redis', () => {
  let writer: RedisRouteWriter;
  let reader: RedisRouteReader;
  let epoch: number;

  async function setUp(keys: Keyring = keyring) {
    await server.command('FLUSHALL');
    writer = newWriter(keys);
    const metrics = createMetrics({ process: 'test', runtime: false });
    reader = newReader(keys, metrics);
    const recorder = new Recorder();
    await reader.start(recorder);
    epoch = await eventually(() => writer.takeEpoch(0));
    await writer.markVerified(epoch);
    await eventually(() => reader.fetchRoute(hash('probe')));
    const close = async () => {
      await writer.close();
      await reader.close();
    };
    return { recorder, metrics, [Symbol.asyncDispose]: close };
  }

  const stored = async (key: string) => String(await server.command('GET', key));

  describe('refuses tampered records', () => {
    const routeTampering: [string, (value: string) => string][] = [
      ['a wider filter', (value) => value.replace('"methods":["read"]', '"methods":["read","write"]')],
      ['no filter', (value) => value.replace(/"filter":\{[^}]*\}/, '"filter":{}')],
      ['a later end', (value) => value.replace('"exp":4102444800000', '"exp":null')],
      ['another account', (value) => value.replace('account-a', 'account-b')],
      ['another kind of authentication', (value) => value.replace('"auth":"path"', '"auth":"none"')],
      ['another state', (value) => value.replace('"state":"unavailable"', '"state":"live"')],
      ['another version', (value) => value.replace('{"v":1', '{"v":2')],
      ['a field more', (value) => value.replace('{"v":1', '{"x":1,"v":1')],
      ['no signature', (value) => value.replace(/,"mac":"[^"]*"/, '')],
      ['an empty signature', (value) => value.replace(/"mac":"[^"]*"/, '"mac":""')],
      ['the end cut off', (value) => value.slice(0, -5)],
      ['nothing at all', () => ''],
      ['no JSON', () => 'x'.repeat(100)],
      ['far too much', () => `{${' '.repeat(600_000)}}`],
    ];
    test.each(routeTampering)('a route with %s', async (_what, tamper) => {
      await using store = await setUp();
      const record = route({ exp: 4_102_444_800_000, state: 'unavailable' });
      await writer.putRoute(epoch, hash('a'), record);
      const before = await stored(routeKey(hash('a')));
      const tampered = tamper(before);
      expect(tampered).not.toBe(before);
      await server.command('SET', routeKey(hash('a')), tampered);
      await expect(reader.fetchRoute(hash('a'))).rejects.toBeInstanceOf(TamperedRecordError);
      expect((await writer.inventory()).routes.get(hash('a'))?.revision).toBe(DAMAGED);
      expect(await store.metrics.metrics()).toContain('crisp_mcp_store_tampered_records_total{process="test"} 1');
      // A rebuild can write over it, or remove it.
      await writer.putRoutes(epoch, [{ hash: hash('a'), record }]).then(async (outcomes) => {
        if (outcomes.get(hash('a')) === 'conflict') await writer.removeRoutes(epoch, [hash('a')]);
      });
      await writer.putRoute(epoch, hash('a'), record);
      expect(await reader.fetchRoute(hash('a'))).toEqual({ verified: true, route: record });
    });

    const apiTokenTampering: [string, (value: string) => string][] = [
      ['other servers', (value) => value.replace('"servers":["assistant"]', '"servers":["*"]')],
      ['another scope', (value) => value.replace('"scopes":["connect"]', '"scopes":["provision"]')],
      ['a later end', (value) => value.replace('"exp":4102444800000', '"exp":null')],
      ['another namespace', (value) => value.replace('"namespace":"support"', '"namespace":"sales"')],
      ['no signature', (value) => value.replace(/,"mac":"[^"]*"/, '')],
    ];
    test.each(apiTokenTampering)('an API token with %s', async (_what, tamper) => {
      await using _ = await setUp();
      const record = apiToken({ exp: 4_102_444_800_000 });
      await writer.apiTokens.put(epoch, hash('t'), record);
      const before = await stored(apiTokenKey(hash('t')));
      const tampered = tamper(before);
      expect(tampered).not.toBe(before);
      await server.command('SET', apiTokenKey(hash('t')), tampered);
      await expect(reader.fetchApiToken(hash('t'))).rejects.toThrow(/The API token with fingerprint [0-9a-f]{12} /);
      expect((await writer.inventory()).apiTokens.get(hash('t'))?.revision).toBe(DAMAGED);
    });

    test('an API token that is put under another token, and one that is put where a route stands', async () => {
      await using _ = await setUp();
      await writer.apiTokens.put(epoch, hash('t'), apiToken());
      const value = await stored(apiTokenKey(hash('t')));
      for (const key of [apiTokenKey(hash('mine')), routeKey(hash('mine'))]) await server.command('SET', key, value);
      await expect(reader.fetchApiToken(hash('mine'))).rejects.toBeInstanceOf(TamperedRecordError);
      await expect(reader.fetchRoute(hash('mine'))).rejects.toBeInstanceOf(TamperedRecordError);
    });

    test('a route that is put under another token', async () => {
      await using _ = await setUp();
      await writer.putRoute(epoch, hash('a'), route());
      await server.command('SET', routeKey(hash('mine')), await stored(routeKey(hash('a'))));
      await expect(reader.fetchRoute(hash('mine'))).rejects.toThrow(/The route with fingerprint [0-9a-f]{12} /);
    });

    const accountTampering: [string, (value: string, other: string) => string][] = [
      ['another API origin', (value) => value.replace('https://api.crisp.chat', 'https://evil.example')],
      ['another website', (value) => value.replace('0b4b8a5c', '11111111')],
      ['another tier', (value) => value.replace('"tier":"plugin"', '"tier":"user"')],
      ['another key id', (value) => value.replace(/"kid":"[^"]*"/, '"kid":"k0"')],
      [
        'the credentials of another account',
        (value, other) => value.replace(credentialsOf(value), credentialsOf(other)),
      ],
      ['the whole record of another account', (_value, other) => other],
      ['the end cut off', (value) => value.slice(0, -3)],
    ];
    test.each(accountTampering)('an account with %s', async (_what, tamper) => {
      await using _ = await setUp();
      await writer.putAccount(epoch, account());
      await writer.putAccount(epoch, account({ uid: 'account-b' }));
      const before = await stored(accountKey('account-a'));
      expect(before).not.toContain('a-very-secret-key');
      expect(before).not.toContain('an-identifier');
      const tampered = tamper(before, await stored(accountKey('account-b')));
      expect(tampered).not.toBe(before);
      await server.command('SET', accountKey('account-a'), tampered);
      await expect(reader.fetchAccount('account-a')).rejects.toBeInstanceOf(TamperedRecordError);
      expect((await writer.inventory()).accounts.get('account-a')?.revision).toBe(DAMAGED);
    });

    test('everything that another installation wrote', async () => {
      await using _ = await setUp();
      await writer.putRoute(epoch, hash('a'), route());
      const stranger = newReader(createKeyring({ current: newKeyringEntry(systemRandom) }));
      await stranger.start(new Recorder());
      await eventually(() => stranger.fetchRoute(hash('probe')));
      await expect(stranger.fetchRoute(hash('a'))).rejects.toBeInstanceOf(TamperedRecordError);
      await stranger.close();
    });
  });

  test('a route whose index entry is lost is reported, and can be removed by hash', async () => {
    await using _ = await setUp();
    await writer.putRoute(epoch, hash('a'), route());
    await server.command('DEL', ownKey('server-a'));
    expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(0);
    expect((await writer.inventory()).routes.get(hash('a'))).toEqual({ uid: 'server-a', revision: UNINDEXED });
    expect(await writer.removeRoutes(epoch, [hash('a')])).toBe(1);
  });

  test('an index entry without its route is not taken for one', async () => {
    await using _ = await setUp();
    await writer.putRoute(epoch, hash('a'), route());
    await server.command('DEL', routeKey(hash('a')));
    expect((await writer.inventory()).routes.size).toBe(0);
    expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(0);
    expect(await server.command('KEYS', `${OWN_PREFIX}*`)).toEqual([]);
  });

  test('an index that names the route of another server does not remove it', async () => {
    await using _ = await setUp();
    await writer.putRoute(epoch, hash('b'), route({ uid: 'server-b' }));
    await server.command('SET', ownKey('server-a'), indexEntry(hash('b')));
    expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(0);
    expect(await reader.fetchRoute(hash('b'))).toMatchObject({ route: { uid: 'server-b' } });
  });

  test('a route is there in the last millisecond before its end, and not at its end', async () => {
    await using _ = await setUp();
    const exp = (await redisTime()) + 60_000;
    await writer.putRoute(epoch, hash('a'), route({ exp }));
    // A key is still there at the instant that PEXPIRETIME names.
    expect(await server.command('PEXPIRETIME', routeKey(hash('a')))).toBe(exp - 1);
    expect(await server.command('PEXPIRETIME', ownKey('server-a'))).toBe(exp - 1);
  });

  test('nothing is left of a server whose routes have expired or were removed', async () => {
    await using _ = await setUp();
    const exp = (await redisTime()) + 50;
    await writer.putRoute(epoch, hash('a1'), route({ exp }));
    await writer.putRoute(epoch, hash('a2'), route({ exp }));
    await writer.putRoute(epoch, hash('b'), route({ uid: 'server-b' }));
    await writer.deleteRoutes(epoch, 'server-b');
    await eventually(async () => {
      for (const key of [routeKey(hash('a1')), routeKey(hash('a2')), ownKey('server-a')]) {
        expect(await server.command('EXISTS', key)).toBe(0);
      }
    });
    const left = await server.command('KEYS', '*');
    expect(Array.isArray(left) ? left.toSorted() : left).toEqual(['{crispmcp}:epoch', '{crispmcp}:synced']);
  });

  test('a route that is removed by its hash leaves the index of its server too', async () => {
    await using _ = await setUp();
    await writer.putRoute(epoch, hash('a1'), route());
    await writer.putRoute(epoch, hash('a2'), route());
    expect(await writer.removeRoutes(epoch, [hash('a1')])).toBe(1);
    expect(await server.command('GET', ownKey('server-a'))).toBe(indexEntry(hash('a2')));
    expect(await writer.removeRoutes(epoch, [hash('a1'), hash('a2')])).toBe(1);
    expect(await server.command('EXISTS', ownKey('server-a'))).toBe(0);
  });

  test('scripts that the server has forgotten are sent again, alone and in a batch', async () => {
    await using _ = await setUp();
    const entries = Array.from({ length: 20 }, (_unused, index) => ({ hash: hash(`s${index}`), record: route() }));
    await writer.putRoutes(epoch, entries);
    await server.command('SCRIPT', 'FLUSH');
    await writer.putRoute(epoch, hash('a'), route());
    await server.command('SCRIPT', 'FLUSH');
    expect((await writer.putRoutes(epoch, entries)).size).toBe(20);
    await server.command('SCRIPT', 'FLUSH');
    expect(await writer.deleteRoutes(epoch, 'server-a')).toBe(21);
  });

  test('killed connections are made again: changes are heard anew, and everything kept is given up first', async () => {
    await using store = await setUp();
    for (let round = 0; round < 3; round++) {
      store.recorder.heard.splice(0);
      await cutConnections();
      await eventually(() => expect(store.recorder.heard[0]).toBe('all'));
      await eventually(() => reader.fetchRoute(hash('probe')));
      await eventually(() => writer.putRoute(epoch, hash(`r${round}`), route()));
      await eventually(() => expect(store.recorder.heard).toContain(`route ${hash(`r${round}`)}`));
    }
  });

  test('while changes are not heard, nothing is answered', async () => {
    await using store = await setUp();
    await writer.putRoute(epoch, hash('a'), route());
    await server.command('ACL', 'SETUSER', 'gateway', '-client|tracking');
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(async () => {
      await expect(reader.fetchRoute(hash('a'))).rejects.toBeInstanceOf(StoreUnavailableError);
    });
    store.recorder.heard.splice(0);
    await server.command('ACL', 'SETUSER', 'gateway', '+client|tracking');
    await eventually(async () => expect(await reader.fetchRoute(hash('a'))).toMatchObject({ verified: true }));
    expect(store.recorder.heard[0]).toBe('all');
  });

  test('a frozen server makes the changes stale, and they are fresh again when it goes on', async () => {
    await using _ = await setUp();
    server.freeze();
    await eventually(() => expect(reader.staleness()).toBeGreaterThan(2000), { timeout: 15_000 });
    server.thaw();
    await eventually(() => expect(reader.staleness()).toBeLessThan(1500), { timeout: 15_000 });
  });

  test('a reader started before Redis gets along as soon as it is there', async () => {
    await server.restart({ empty: true });
    await server.kill();
    const early = newReader();
    const recorder = new Recorder();
    const started = performance.now();
    await early.start(recorder);
    expect(performance.now() - started).toBeLessThan(5_000);
    await expect(early.fetchRoute(hash('a'))).rejects.toThrow(/ECONNREFUSED|not connected/);
    await server.restart();
    await defineUsers();
    await eventually(async () => expect(await early.fetchRoute(hash('a'))).toEqual({ verified: false }));
    await early.close();
  });

  test('a wrong password is an error that names neither it nor the URL', async () => {
    const wrong = createRedisRouteWriter({
      ...shared,
      redis: { url: `redis://operator:wrong-secret@127.0.0.1:${server.port}` },
    });
    const error = await wrong.isVerified().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(String(error)).toContain('WRONGPASS');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('wrong-secret');
    expect(logs.join('\n')).not.toContain('wrong-secret');
    await wrong.close();
  });

  test('a gateway cannot write', async () => {
    await expect(server.command('ACL', 'DRYRUN', 'gateway', 'SET', routeKey(hash('a')), 'x')).resolves.toMatch(
      /no permissions|has no permissions/,
    );
  });

  test('rotation: records of the previous key are read, differ from what is wanted, and are written anew', async () => {
    const [first, second] = [newKeyringEntry(systemRandom), newKeyringEntry(systemRandom)];
    await using _ = await setUp(createKeyring({ current: first, previous: second }));
    await writer.putRoute(epoch, hash('a'), route());
    await writer.putAccount(epoch, account());

    const rotated = createKeyring({ current: second, previous: first });
    const next = newWriter(rotated);
    const stillReads = newReader(rotated);
    await stillReads.start(new Recorder());
    const before = await eventually(() => next.inventory());
    expect(before.routes.get(hash('a'))?.revision).not.toBe(next.routeRevision(hash('a'), route()));
    expect(before.accounts.get('account-a')?.revision).not.toBe(next.accountRevision(account()));
    await eventually(async () => expect(await stillReads.fetchRoute(hash('a'))).toMatchObject({ route: route() }));
    expect(await stillReads.fetchAccount('account-a')).toMatchObject({ account: account() });

    await next.putRoute(epoch, hash('a'), route());
    await next.putAccount(epoch, account());
    const after = await next.inventory();
    expect(after.routes.get(hash('a'))?.revision).toBe(next.routeRevision(hash('a'), route()));
    expect(after.accounts.get('account-a')?.revision).toBe(next.accountRevision(account()));
    // The old reader holds the new key as its second one.
    expect(await reader.fetchRoute(hash('a'))).toMatchObject({ route: route() });
    expect(await reader.fetchAccount('account-a')).toMatchObject({ account: account() });
    await Promise.all([next.close(), stillReads.close()]);
  });
});

function credentialsOf(value: string): string {
  return /"credentials":\[.*\]/.exec(value)?.[0] ?? '';
}
