import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { Admission, NOT_FOUND } from './admission.ts';
import { accountRecord, type FakeReader, readerWithRoute, TOKEN, token } from './fakes.ts';

const EXP = Date.parse('2026-06-01T12:00:00Z');

async function admission(reader: FakeReader, start = EXP - 1_000) {
  const clock = new FakeClock(start);
  const gate = new Admission({ reader, clock });
  await gate.start();
  return { gate, clock };
}

describe('admission', () => {
  test('a live token is served', async () => {
    const { gate } = await admission(readerWithRoute({ exp: EXP }));
    expect(await gate.admit(TOKEN)).toMatchObject({ kind: 'serve', route: { record: { name: 'assistant' } } });
  });

  test('the first request at exp is not found, with a warm cache and without asking the store', async () => {
    const reader = readerWithRoute({ exp: EXP });
    const { gate, clock } = await admission(reader);
    await gate.admit(TOKEN);
    clock.advance(999);
    expect(gate.admit(TOKEN)).toMatchObject({ kind: 'serve', now: EXP - 1 });
    clock.advance(1);
    const fetches = reader.fetches;
    expect(gate.admit(TOKEN)).toBe(NOT_FOUND);
    expect(reader.fetches).toBe(fetches);
  });

  test('a token that expires while its route is fetched is not found', async () => {
    const reader = readerWithRoute({ exp: EXP });
    const { gate, clock } = await admission(reader);
    reader.hold();
    const decision = gate.admit(TOKEN);
    clock.advance(1_000);
    reader.release();
    expect(await decision).toBe(NOT_FOUND);
  });

  const clocks = [
    { name: 'a store clock ahead by 500 ms ends the token 500 ms early', offset: 500, at: EXP - 500, kind: 'notFound' },
    { name: 'until then it is served', offset: 500, at: EXP - 501, kind: 'serve' },
    { name: 'a store clock behind never prolongs the token', offset: -7_200_000, at: EXP, kind: 'notFound' },
    {
      name: 'a local clock two hours slow does not prolong it',
      offset: 7_200_000,
      at: EXP - 7_200_000,
      kind: 'notFound',
    },
    { name: 'before the first measurement the local clock counts', offset: undefined, at: EXP - 1, kind: 'serve' },
  ];
  test.each(clocks)('$name', async ({ offset, at, kind }) => {
    const reader = readerWithRoute({ exp: EXP });
    reader.offset = offset;
    const { gate } = await admission(reader, at);
    expect(await gate.admit(TOKEN)).toMatchObject({ kind });
  });

  test('clocks that differ by more than two seconds are reported', async () => {
    const reader = readerWithRoute();
    const { gate } = await admission(reader);
    for (const [offset, reported] of [
      [2_000, undefined],
      [2_001, 2_001],
      [-2_001, -2_001],
    ] as const) {
      reader.offset = offset;
      expect(gate.clockDisagreement()).toBe(reported);
    }
  });

  test.each(['', 'x', TOKEN.slice(1), `${TOKEN}.`, '..', '%2e%2e', 'a'.repeat(129), 'a'.repeat(10_000)])(
    'a malformed token is not found and never reaches the store: %s',
    async (malformed) => {
      const reader = readerWithRoute();
      const { gate } = await admission(reader);
      expect(gate.admit(malformed)).toBe(NOT_FOUND);
      expect(reader.fetches).toBe(0);
    },
  );

  test('unknown, revoked and expired tokens are the same answer', async () => {
    const reader = readerWithRoute({ exp: EXP });
    const { gate, clock } = await admission(reader);
    expect(await gate.admit(token(7))).toBe(NOT_FOUND);
    await gate.admit(TOKEN);
    clock.advance(1_000);
    expect(await gate.admit(TOKEN)).toBe(NOT_FOUND);
    reader.revoke(TOKEN);
    expect(await gate.admit(TOKEN)).toBe(NOT_FOUND);
  });

  test('a silent invalidation channel stops known routes after staleFor, and no earlier', async () => {
    const reader = readerWithRoute();
    const { gate } = await admission(reader);
    await gate.admit(TOKEN);
    reader.stale = 5_000;
    expect(gate.admit(TOKEN)).toMatchObject({ kind: 'serve' });
    reader.stale = 5_001;
    expect(gate.admit(TOKEN)).toEqual({ kind: 'unavailable', cause: 'stale', retryAfterSeconds: 2 });
    reader.stale = Number.POSITIVE_INFINITY;
    expect(gate.admit(TOKEN)).toMatchObject({ kind: 'unavailable' });
    reader.stale = 0;
    expect(gate.admit(TOKEN)).toMatchObject({ kind: 'serve' });
  });

  test('a store that falls silent while it is asked serves nothing of what it said', async () => {
    const reader = readerWithRoute();
    const { gate } = await admission(reader);
    reader.hold();
    const deciding = gate.admit(TOKEN);
    reader.stale = 5_001;
    reader.release();
    expect(await deciding).toMatchObject({ kind: 'unavailable', cause: 'stale' });
  });

  test('a silent store is not asked', async () => {
    const reader = readerWithRoute();
    const { gate } = await admission(reader);
    reader.stale = Number.POSITIVE_INFINITY;
    expect(await gate.admit(TOKEN)).toMatchObject({ kind: 'unavailable', cause: 'stale' });
    expect(reader.fetches).toBe(0);
  });

  test('an unverified store serves nobody, cached or not', async () => {
    const reader = readerWithRoute();
    const { gate } = await admission(reader);
    await gate.admit(TOKEN);
    reader.verified = false;
    reader.listener?.allChanged();
    expect(await gate.admit(TOKEN)).toMatchObject({ kind: 'unavailable', cause: 'unverified' });
  });

  test('an unavailable route, a missing account and one without credentials answer "unavailable"', async () => {
    const without = readerWithRoute();
    without.accounts.clear();
    const bare = readerWithRoute();
    bare.putAccount(accountRecord({ credentials: [] }));
    for (const reader of [
      readerWithRoute({ state: 'unavailable' }),
      readerWithRoute({ accountUid: null }),
      without,
      bare,
    ]) {
      const { gate } = await admission(reader);
      expect(await gate.admit(TOKEN)).toEqual({ kind: 'unavailable', cause: 'account', retryAfterSeconds: 30 });
    }
  });

  test('an expired route of an unavailable account is not found', async () => {
    const { gate } = await admission(readerWithRoute({ exp: EXP, state: 'unavailable' }), EXP);
    expect(await gate.admit(TOKEN)).toBe(NOT_FOUND);
  });
});
