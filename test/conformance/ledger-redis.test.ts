import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { createLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { GatewayLedger, type LedgerStore } from '../../src/routes/ledger/gateway-ledger.ts';
import { createRedisLedgerStore } from '../../src/routes/ledger/redis-ledger-store.ts';
import { GATEWAY_RULES } from '../../src/routes/redis/acl.ts';
import { ledgerKey, REPLICAS_KEY } from '../../src/routes/store-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';

/** The ledger on a real Redis, by a user with exactly the rights of a gateway. */
const PASSWORD = issueSecret('p%ss of the ledger w:rd/@', 'password of the Redis user');
const PATIENCE = { timeout: 30_000 };
const QUOTA = { name: 'quota:2026-01-01', keepFor: 3_600 };
const USE = { name: 'use', keepFor: 3_600 };
const logs: string[] = [];
const logger = createLogger({ name: 'test', level: 'debug', destination: { write: (line) => logs.push(line) } });
const parts = { clock: systemClock, random: systemRandom, logger };
const opened: LedgerStore[] = [];

let server: RedisServer;

async function defineUser(): Promise<void> {
  await server.command('ACL', 'SETUSER', 'gateway', 'on', `>${PASSWORD}`, ...GATEWAY_RULES);
}

function newStore(): LedgerStore {
  const url = `redis://gateway:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`;
  const store = createRedisLedgerStore({ ...parts, redis: { url } });
  opened.push(store);
  return store;
}

const one = (book: typeof QUOTA, field: string, value: number) => new Map([[book, new Map([[field, value]])]]);

beforeAll(async () => {
  server = await startRedis({ name: 'ledger' });
  await defineUser();
});

beforeEach(async () => {
  await server.command('FLUSHALL');
});

afterEach(() => {
  server.thaw();
  for (const store of opened.splice(0)) store.close();
});

afterAll(() => {
  for (const line of logs) expect(line).not.toContain(PASSWORD);
});

describe('the ledger in Redis', () => {
  test('adds amounts, keeps the latest instant, counts the replicas, and expires', async () => {
    const [first, second] = [newStore(), newStore()];
    await eventually(() => expect([first.reachable, second.reachable]).toEqual([true, true]), PATIENCE);
    const now = Date.now();
    await first.exchange('a', { amounts: one(QUOTA, 'x', 5), instants: one(USE, 'server', now) });
    const reply = await second.exchange('b', { amounts: one(QUOTA, 'x', 2), instants: one(USE, 'server', now - 9) });
    expect(reply.replicas).toBe(2);
    expect(reply.totals.get(QUOTA)).toEqual(new Map([['x', 7]]));
    expect(await server.command('ZSCORE', ledgerKey('use'), 'server')).toBe(String(now));
    for (const key of [ledgerKey('use'), ledgerKey(QUOTA.name), REPLICAS_KEY]) {
      expect(Number(await server.command('PTTL', key)), key).toBeGreaterThan(0);
    }
    await first.leave('a');
    expect((await second.exchange('b', { amounts: new Map(), instants: new Map() })).replicas).toBe(1);
  });

  test('does not count for ever a replica that died before the clock of Redis went back', async () => {
    const store = newStore();
    await eventually(() => expect(store.reachable).toBe(true), PATIENCE);
    await server.command('ZADD', REPLICAS_KEY, String(Date.now() + 3_600_000), 'dead');
    expect((await store.exchange('a', { amounts: new Map(), instants: new Map() })).replicas).toBe(1);
  });

  test('drops instants that are older than the book is kept', async () => {
    const store = newStore();
    await eventually(() => expect(store.reachable).toBe(true), PATIENCE);
    const instants = new Map([[USE, new Map([['old', Date.now() - 4_000_000], ['new', Date.now()]])]]); // biome-ignore format: one line
    await store.exchange('a', { amounts: new Map(), instants });
    expect(await server.command('ZRANGE', ledgerKey('use'), '0', '-1')).toEqual(['new']);
  });

  test('counts on through a Redis that hangs and one that restarts empty; losses are counted, nothing waits', async () => {
    const ledger = new GatewayLedger({ ...parts, store: newStore() });
    ledger.add(QUOTA, 'x');
    await eventually(() => expect(ledger.waiting).toBe(0), PATIENCE);
    server.freeze();
    await eventually(() => {
      ledger.add(QUOTA, 'x');
      expect(ledger.lost).toBeGreaterThan(0);
    }, PATIENCE);
    server.thaw();
    await server.restart({ empty: true });
    await defineUser();
    ledger.add(QUOTA, 'x', 3);
    await eventually(async () => {
      expect(Number(await server.command('HGET', ledgerKey(QUOTA.name), 'x'))).toBeGreaterThanOrEqual(3);
    }, PATIENCE);
    await ledger.close();
    expect(await server.command('ZCARD', REPLICAS_KEY)).toBe(0);
  });

  test('needs no right beyond the ledger: a gateway writes there and nowhere else', async () => {
    const refused = async (...command: string[]) => {
      const verdict = await server.command('ACL', 'DRYRUN', 'gateway', ...command);
      return verdict !== 'OK';
    };
    const elsewhere = ['{crispmcp}:route:x', '{crispmcp}:account:x', '{crispmcp}:own:x', '{crispmcp}:epoch', 'other'];
    const writes = (key: string) => [
      ['ZADD', key, '1', 'member'],
      ['ZREM', key, 'member'],
      ['ZREMRANGEBYSCORE', key, '0', '1'],
      ['HINCRBY', key, 'field', '1'],
      ['EXPIRE', key, '1'],
      ['PEXPIRE', key, '1'],
    ];
    for (const key of [...elsewhere, '{crispmcp}:synced', '{crispmcp}:audit', '{crispmcp}:gw']) {
      for (const command of writes(key)) expect(await refused(...command), command.join(' ')).toBe(true);
    }
    for (const command of writes(ledgerKey('x'))) expect(await refused(...command), command.join(' ')).toBe(false);
    for (const command of ['SET', 'GETSET', 'APPEND']) expect(await refused(command, ledgerKey('x'), '1')).toBe(true);
    for (const command of [
      ['DEL', ledgerKey('x')],
      ['EVAL', 'return 1', '0'],
      ['KEYS', '*'],
      ['SCAN', '0'],
      ['FLUSHALL'],
    ]) {
      expect(await refused(...command), command.join(' ')).toBe(true);
    }
  });
});
