import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../process/clock.ts';
import { silentLogger } from '../../process/logger.ts';
import { seededRandom } from '../../process/random.ts';
import { EXCHANGE_INTERVAL, GatewayLedger, REPLICA_LIFE } from './gateway-ledger.ts';
import { MemoryLedgerStore } from './memory-ledger-store.ts';

const QUOTA = { name: 'quota:2026-01-01', keepFor: 3_600 };
const USE = { name: 'use', keepFor: 3_600 };

function setUp(maxEntries?: number) {
  const clock = new FakeClock();
  const store = new MemoryLedgerStore(clock);
  const random = seededRandom(1);
  const open = () =>
    new GatewayLedger({
      store,
      clock,
      random,
      logger: silentLogger,
      ...(maxEntries === undefined ? {} : { maxEntries }),
    });
  return { clock, store, open };
}

describe('the ledger of the gateways', () => {
  test('adds up what all of them count, and tells each the sum', async () => {
    const { clock, store, open } = setUp();
    const [first, second] = [open(), open()];
    await clock.advanceAsync(0);
    first.add(QUOTA, 'a', 3);
    first.add(QUOTA, 'a');
    second.add(QUOTA, 'a', 10);
    second.add(QUOTA, 'b');
    expect([first.total(QUOTA, 'a'), first.total(QUOTA, 'b')]).toEqual([4, undefined]);
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect(store.read(QUOTA.name)).toEqual(new Map([['a', 14], ['b', 1]])); // biome-ignore format: one line
    expect(second.total(QUOTA, 'a')).toBe(14);
    first.add(QUOTA, 'a');
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect(first.total(QUOTA, 'a')).toBe(15);
  });

  test('keeps the latest of instants', async () => {
    const { clock, store, open } = setUp();
    const [first, second] = [open(), open()];
    first.note(USE, 'server', 2_000);
    first.note(USE, 'server', 1_000);
    second.note(USE, 'server', 1_500);
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect(store.read(USE.name)).toEqual(new Map([['server', 2_000]]));
  });

  test('knows how many gateways live: one that joins soon, one that dies later, one that leaves at once', async () => {
    const { clock, store, open } = setUp();
    const [first, second] = [open(), open()];
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect([first.replicas, second.replicas]).toEqual([2, 2]);
    // Dies without a word.
    store.leave = () => Promise.reject(new Error('killed'));
    await second.close();
    await clock.advanceAsync(REPLICA_LIFE - EXCHANGE_INTERVAL);
    expect(first.replicas).toBe(2);
    await clock.advanceAsync(REPLICA_LIFE + 3 * EXCHANGE_INTERVAL);
    expect(first.replicas).toBe(1);
  });

  test('counts on while the store is away, and loses nothing by it', async () => {
    const { clock, store, open } = setUp();
    const ledger = open();
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    store.reachable = false;
    for (let count = 0; count < 100; count++) ledger.add(QUOTA, `field-${count % 10}`);
    await clock.advanceAsync(20 * EXCHANGE_INTERVAL);
    expect([ledger.waiting, ledger.lost, ledger.replicas]).toEqual([10, 0, 1]);
    store.reachable = true;
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect([ledger.waiting, store.read(QUOTA.name).get('field-3')]).toEqual([0, 10]);
  });

  test('is bounded: what finds no room is lost and counted', async () => {
    const { clock, store, open } = setUp(5);
    const ledger = open();
    store.reachable = false;
    for (let field = 0; field < 8; field++) ledger.add(QUOTA, String(field));
    ledger.add(QUOTA, '0');
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect([ledger.waiting, ledger.lost, ledger.total(QUOTA, '0')]).toEqual([5, 3, 2]);
  });

  test('sends nothing twice when an exchange failed that may have taken place', async () => {
    const { clock, store, open } = setUp();
    const ledger = open();
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    const exchange = store.exchange.bind(store);
    store.exchange = async (...given) => {
      await exchange(...given);
      throw new Error('the answer is lost');
    };
    ledger.add(QUOTA, 'a', 5);
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    store.exchange = exchange;
    ledger.add(QUOTA, 'a', 2);
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    expect([ledger.lost, ledger.total(QUOTA, 'a')]).toEqual([1, 7]);
  });

  test('passes on what is left when it closes, and does not wait for a store that hangs', async () => {
    const { clock, store, open } = setUp();
    const [orderly, hanging] = [open(), open()];
    await clock.advanceAsync(0);
    orderly.add(QUOTA, 'a');
    await orderly.close();
    expect(store.read(QUOTA.name).get('a')).toBe(1);
    store.exchange = () => new Promise(() => undefined);
    hanging.add(QUOTA, 'a');
    const closed = hanging.close();
    await clock.advanceAsync(1_000);
    await closed;
    expect(store.read(QUOTA.name).get('a')).toBe(1);
  });
});
