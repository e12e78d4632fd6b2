import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { seededRandom } from '../process/random.ts';
import type { EffectiveRateLimit } from '../resources/rate-limit.ts';
import { EXCHANGE_INTERVAL, GatewayLedger } from '../routes/ledger/gateway-ledger.ts';
import { MemoryLedgerStore } from '../routes/ledger/memory-ledger-store.ts';
import { hashToken } from '../routes/token.ts';
import { cachedAccount, cachedRoute, FilterPool } from './cached-records.ts';
import { accountRecord, routeRecord, TOKEN } from './fakes.ts';
import { RateLimits } from './rate-limits.ts';

function served(limits: { server?: EffectiveRateLimit; account?: EffectiveRateLimit; uid?: string }) {
  const { server, account, uid = 'server-uid' } = limits;
  const record = routeRecord({ uid, ...(server === undefined ? {} : { rateLimit: server }) });
  return {
    route: cachedRoute(hashToken(TOKEN), record, new FilterPool()),
    account: cachedAccount(accountRecord(account === undefined ? {} : { rateLimit: account })),
  };
}

function setUp(replicas = 1) {
  const clock = new FakeClock();
  const state = { replicas };
  return { clock, state, rates: new RateLimits({ clock, replicas: () => state.replicas }) };
}

function granted(rates: RateLimits, target: ReturnType<typeof served>, attempts: number): number {
  return Array.from({ length: attempts }, () => rates.call(target)).filter((refusal) => refusal === undefined).length;
}

describe('the limits of a server and its account', () => {
  test('nothing is limited that asks for no limit', () => {
    const { rates } = setUp();
    expect(granted(rates, served({}), 10_000)).toBe(10_000);
    expect(rates.other(served({}))).toBeUndefined();
  });

  test('a burst at once, then one call as often as the rate allows; a refusal says when', () => {
    const { clock, rates } = setUp();
    const target = served({ server: { perMinute: 60, burst: 5 } });
    expect(granted(rates, target, 100)).toBe(5);
    expect(rates.call(target)).toEqual({ whose: 'server', perMinute: 60, retryAfterSeconds: 1 });
    clock.advance(999);
    expect(rates.call(target)?.whose).toBe('server');
    clock.advance(1);
    expect(granted(rates, target, 5)).toBe(1);
    clock.advance(3_600_000);
    expect(granted(rates, target, 100)).toBe(5);
  });

  test('whoever waits as long as told is served', () => {
    const { clock, rates } = setUp(7);
    const target = served({ server: { perMinute: 11, burst: 3 } });
    for (let round = 0; round < 200; round++) {
      const refusal = rates.call(target);
      if (refusal === undefined) continue;
      clock.advance(refusal.retryAfterSeconds * 1_000);
      expect(rates.call(target)).toBeUndefined();
    }
  });

  test('the limit of an account holds over all its servers; a call that it refuses costs the server nothing', () => {
    const { clock, rates } = setUp();
    const account = { perMinute: 60, burst: 4 };
    const [one, other] = ['one', 'other'].map((uid) => served({ uid, server: { perMinute: 6, burst: 3 }, account }));
    if (one === undefined || other === undefined) throw new Error('two servers');
    expect(granted(rates, one, 10)).toBe(3);
    expect(granted(rates, other, 10)).toBe(1);
    expect(rates.call(other)).toMatchObject({ whose: 'account' });
    clock.advance(2_000);
    expect(granted(rates, other, 10)).toBe(2);
  });

  test('the rest has an allowance of its own, ten times as large and never small', () => {
    const { rates } = setUp();
    const target = served({ server: { perMinute: 1, burst: 1 } });
    granted(rates, target, 5);
    for (let count = 0; count < 100; count++) expect(rates.other(target)).toBeUndefined();
    expect(rates.other(target)).toEqual({ whose: 'server', perMinute: 600, retryAfterSeconds: 1 });
  });

  test('a limit that is edited applies at once', () => {
    const { clock, rates } = setUp();
    expect(granted(rates, served({ server: { perMinute: 60, burst: 50 } }), 10)).toBe(10);
    expect(granted(rates, served({ server: { perMinute: 60, burst: 2 } }), 10)).toBe(2);
    clock.advance(60_000);
    expect(granted(rates, served({ server: { perMinute: 60, burst: 50 } }), 100)).toBe(2);
  });

  test('every replica grants at least one call, however small its share', () => {
    const { rates } = setUp(100);
    expect(granted(rates, served({ server: { perMinute: 60, burst: 5 } }), 10)).toBe(1);
  });
});

describe('the share of each replica', () => {
  /** Gateways that a client asks as often as it can; what they granted, second by second. */
  async function simulate(limit: EffectiveRateLimit, seed: number) {
    const clock = new FakeClock();
    const random = seededRandom(seed);
    const store = new MemoryLedgerStore(clock);
    const target = served({ server: limit });
    const gateways: { ledger: GatewayLedger; rates: RateLimits }[] = [];
    const join = () => {
      const ledger = new GatewayLedger({ store, clock, random, logger: silentLogger });
      gateways.push({ ledger, rates: new RateLimits({ clock, replicas: () => ledger.replicas }) });
    };
    for (let count = 0; count < 3; count++) join();
    await clock.advanceAsync(EXCHANGE_INTERVAL);
    const seconds: number[] = [];
    for (let second = 0; second < 240; second++) {
      if (second === 60) join();
      if (second === 120) await gateways.pop()?.ledger.close();
      let sum = 0;
      for (let attempt = 0; attempt < 4 * limit.perMinute; attempt++) {
        const chosen = gateways[Math.floor(random.fraction() * gateways.length)];
        if (chosen?.rates.call(target) === undefined) sum += 1;
      }
      seconds.push(sum);
      await clock.advanceAsync(1_000);
    }
    return seconds;
  }

  test.each([
    [{ perMinute: 120, burst: 20 }, 1],
    [{ perMinute: 30, burst: 2 }, 2],
    [{ perMinute: 7, burst: 1 }, 3],
  ])(
    '%j over four minutes, one gateway joining and one leaving: never more than the bound that is stated',
    async (limit, seed) => {
      const seconds = await simulate(limit, seed);
      const most = 4;
      const joining = limit.burst + (limit.perMinute * EXCHANGE_INTERVAL) / 60_000;
      for (let from = 0; from < seconds.length; from++) {
        let sum = 0;
        for (let to = from; to < seconds.length; to++) {
          sum += seconds[to] ?? 0;
          const allowed = (limit.perMinute * (to - from)) / 60 + Math.max(limit.burst, most) + joining;
          expect(sum, `seconds ${from} to ${to}`).toBeLessThanOrEqual(allowed + 1e-6);
        }
      }
      // Nor is the client given much less: while three are live, all but a call a gateway.
      const steady = seconds.slice(0, 60).reduce((sum, count) => sum + count, 0);
      expect(steady).toBeGreaterThanOrEqual((limit.perMinute * 59) / 60 - 3);
    },
  );
});
