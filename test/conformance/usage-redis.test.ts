import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { createLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { StoreUnavailableError } from '../../src/routes/errors.ts';
import { createRedisLastUseBook, FIRST_PAGE, type LastUseBook } from '../../src/routes/ledger/last-use-book.ts';
import { LAST_USE } from '../../src/routes/ledger/usage-books.ts';
import { OPERATOR_RULES } from '../../src/routes/redis/acl.ts';
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
