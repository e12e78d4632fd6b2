import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { MemoryLedgerStore } from '../routes/ledger/memory-ledger-store.ts';
import { rpc, startFixture } from './gateway-fixture.ts';
import { Usage } from './usage.ts';

const CALL = rpc('tools/call', { name: 'list_crisp_conversations' });
const NOON = Date.parse('2026-11-25T12:00:00Z');

describe('use of a server', () => {
  test('reaches the ledger by its uid: the last of any request, and the calls of the day', async () => {
    const clock = new FakeClock(NOON);
    const ledger = new MemoryLedgerStore(clock);
    await using fixture = await startFixture({ ledger, clock });
    await fixture.post(CALL);
    await fixture.post(CALL);
    clock.advance(1_000);
    await fixture.post(rpc('tools/list'));
    await clock.advanceAsync(5_000);
    expect(ledger.read('last-use')).toEqual(new Map([['server-uid', NOON + 1_000]]));
    expect(ledger.read('calls:2026-11-25')).toEqual(new Map([['server-uid', 2]]));
  });

  test('of an unknown token is of no server', async () => {
    const clock = new FakeClock(NOON);
    const ledger = new MemoryLedgerStore(clock);
    await using fixture = await startFixture({ ledger, clock });
    await fixture.send({ path: '/mcp/unknown', headers: { 'content-type': 'application/json' }, body: '{}' });
    await clock.advanceAsync(5_000);
    expect(ledger.read('last-use').size).toBe(0);
  });

  test('goes to the next day at midnight, and gives way when much waits', () => {
    const entries: string[] = [];
    const ledger = {
      waiting: 0,
      add: ({ name }: { name: string }, field: string) => void entries.push(`${name} ${field}`),
      note: ({ name }: { name: string }, field: string) => void entries.push(`${name} ${field}`),
    };
    const usage = new Usage({ ledger, mostWaiting: 10 });
    usage.call('a', Date.parse('2026-12-31T23:59:59.999Z'));
    usage.call('a', Date.parse('2027-01-01T00:00:00Z'));
    ledger.waiting = 10;
    usage.call('a', NOON);
    usage.request('a', NOON);
    expect(entries).toEqual(['calls:2026-12-31 a', 'calls:2027-01-01 a']);
    expect(usage.unnoted).toBe(2);
  });
});
