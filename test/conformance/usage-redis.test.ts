import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { createLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { StoreUnavailableError } from '../../src/routes/errors.ts';
import { createRedisLastUseBook, FIRST_PAGE, type LastUseBook } from '../../src/routes/ledger/last-use-book.ts';
import { callsOn, LAST_USE } from '../../src/routes/ledger/usage-books.ts';
import { createRedisUsageReader, type UsageReader } from '../../src/routes/ledger/usage-reader.ts';
import { OPERATOR_RULES, USAGE_RULES } from '../../src/routes/redis/acl.ts';
import { ledgerKey } from '../../src/routes/store-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';

/** The books of what servers are used for, read from a real Redis by users with exactly the rights for it. */
const PASSWORD = issueSecret('p%ss of the usage w:rd/@', 'password of the Redis user');
const logs: string[] = [];
const logger = createLogger({ name: 'test', level: 'debug', destination: { write: (line) => logs.push(line) } });
const parts = { clock: systemClock, random: systemRandom, logger };
const opened: { close(): void }[] = [];

let server: RedisServer;

async function defineUsers(): Promise<void> {
  await server.command('ACL', 'SETUSER', 'operator', 'on', `>${PASSWORD}`, ...OPERATOR_RULES);
  await server.command('ACL', 'SETUSER', 'reader', 'on', `>${PASSWORD}`, ...USAGE_RULES);
}

function redisAs(user: string) {
  return { url: `redis://${user}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}` };
}

function lastUseBook(): LastUseBook {
  const book = createRedisLastUseBook({ ...parts, redis: redisAs('operator') });
  opened.push(book);
  return book;
}

beforeAll(async () => {
  server = await startRedis({ name: 'usage' });
  await defineUsers();
});

beforeEach(async () => {
  await server.command('FLUSHALL');
});

afterEach(() => {
  server.thaw();
  for (const part of opened.splice(0)) part.close();
});

afterAll(() => {
  for (const line of logs) expect(line).not.toContain(PASSWORD);
});

describe('the book of last uses, for the operator', () => {
  const KEY = ledgerKey(LAST_USE.name);
  const NOW = 1_790_000_000_123;

  async function all(book: LastUseBook): Promise<{ pages: number; lastUses: Map<string, number> }> {
    const lastUses = new Map<string, number>();
    let [pages, cursor] = [0, FIRST_PAGE];
    do {
      const page = await book.page(cursor);
      for (const [uid, instant] of page.lastUses) lastUses.set(uid, instant);
      cursor = page.next;
      pages += 1;
    } while (cursor !== FIRST_PAGE);
    return { pages, lastUses };
  }

  test('is shown whole, in pages, and forgets what it is told to', async () => {
    const book = lastUseBook();
    expect(await all(book)).toEqual({ pages: 1, lastUses: new Map() });
    const entries = Array.from({ length: 3_000 }, (_, index) => [`uid-${index}`, NOW + index] as const);
    await server.command('ZADD', KEY, ...entries.flatMap(([uid, instant]) => [String(instant), uid]));
    const { pages, lastUses } = await all(book);
    expect(lastUses).toEqual(new Map(entries));
    expect(pages).toBeGreaterThan(3);
    expect(pages).toBeLessThan(15);
    await book.forget(entries.slice(1).map(([uid]) => uid));
    expect((await all(book)).lastUses).toEqual(new Map(entries.slice(0, 1)));
  });

  test('cannot be read while Redis hangs, and can when it is back', async () => {
    const book = lastUseBook();
    await server.command('ZADD', KEY, String(NOW), 'uid');
    await book.page(FIRST_PAGE);
    server.freeze();
    await expect(book.page(FIRST_PAGE)).rejects.toThrow(StoreUnavailableError);
    server.thaw();
    await eventually(async () => expect((await book.page(FIRST_PAGE)).lastUses.get('uid')).toBe(NOW));
  });
});

describe.each(['reader', 'operator'])('what people are shown, by the rights of the %s', (user) => {
  const DAYS = ['2026-11-25', '2026-11-24'];

  function reader(): UsageReader {
    const made = createRedisUsageReader({ ...parts, redis: redisAs(user) });
    opened.push(made);
    return made;
  }

  test('is what gateways have noted of the servers asked for, nonsense left out', async () => {
    await server.command('ZADD', ledgerKey(LAST_USE.name), '1790000000123', 'used', '-5', 'wrong', 'inf', 'worse');
    await server.command('HSET', ledgerKey(callsOn('2026-11-25').name), 'used', '3', 'wrong', 'many');
    await server.command('HSET', ledgerKey(callsOn('2026-11-24').name), 'used', '4');
    expect(await reader().usageOf(['unknown', 'used', 'wrong', 'worse'], DAYS)).toEqual([
      { lastUse: undefined, calls: [0, 0] },
      { lastUse: 1_790_000_000_123, calls: [3, 4] },
      { lastUse: undefined, calls: [0, 0] },
      { lastUse: undefined, calls: [0, 0] },
    ]);
    expect(await reader().usageOf([], DAYS)).toEqual([]);
  });

  test('is a whole book of amounts, read in pages', async () => {
    const fields = Array.from({ length: 2_000 }, (_, index) => [`digest-${index}`, index] as const);
    await server.command('HSET', ledgerKey('crisp-requests:2026-11-25'), ...fields.flatMap(([f, n]) => [f, String(n)]));
    expect(await reader().amounts('crisp-requests:2026-11-25')).toEqual(new Map(fields));
    expect(await reader().amounts('crisp-requests:2026-11-24')).toEqual(new Map());
  });

  test('is an error within a bound while Redis hangs', async () => {
    const made = reader();
    await made.usageOf(['used'], DAYS);
    server.freeze();
    await expect(made.usageOf(['used'], DAYS)).rejects.toThrow(StoreUnavailableError);
  });
});

test('the rights to be shown it reach no record, and no write', async () => {
  const refused = async (...command: string[]) =>
    (await server.command('ACL', 'DRYRUN', 'reader', ...command)) !== 'OK';
  const book = ledgerKey('x');
  for (const command of [
    ['GET', '{crispmcp}:route:x'],
    ['MGET', '{crispmcp}:account:x'],
    ['HMGET', '{crispmcp}:gw:replicas', 'x'],
    ['SCAN', '0'],
    ['HSET', book, 'field', '1'],
    ['HINCRBY', book, 'field', '1'],
    ['ZADD', book, '1', 'member'],
    ['ZREM', book, 'member'],
    ['DEL', book],
  ]) {
    expect(await refused(...command), command.join(' ')).toBe(true);
  }
  expect(await refused('HMGET', book, 'field')).toBe(false);
});
