import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { CallLimits, type Release, type Slot } from './call-limits.ts';

const SMALL = { running: 2, waiting: 4, runningPerTenant: 1, waitingPerTenant: 2, waitFor: 1_000 };
const never = () => new AbortController().signal;

function granted(slot: Slot | Promise<Slot>): Release {
  if (typeof slot !== 'function') throw new Error('no slot was free');
  return slot;
}

describe('call limits', () => {
  test('a free slot is given at once, a taken one when it is given back', async () => {
    const limits = new CallLimits(new FakeClock(), SMALL);
    const release = granted(limits.take('a', never()));
    const waiting = limits.take('a', never());
    expect(waiting).toBeInstanceOf(Promise);
    release();
    expect(typeof (await waiting)).toBe('function');
  });

  test('a tenant with full queue is refused while another still gets a slot', () => {
    const limits = new CallLimits(new FakeClock(), SMALL);
    granted(limits.take('noisy', never()));
    for (let call = 0; call < 2; call++) void limits.take('noisy', never());
    expect(limits.take('noisy', never())).toBe('refused');
    granted(limits.take('quiet', never()));
  });

  test('a freed slot goes round the tenants', async () => {
    const limits = new CallLimits(new FakeClock(), { ...SMALL, running: 1, runningPerTenant: 1 });
    const order: string[] = [];
    const first = granted(limits.take('a', never()));
    const runs = ['a', 'a', 'b', 'c'].map(async (tenant) => {
      const slot = await limits.take(tenant, never());
      order.push(tenant);
      if (typeof slot === 'function') slot();
    });
    first();
    await Promise.all(runs);
    expect(order).toEqual(['a', 'b', 'c', 'a']);
  });

  test('a client that has left already gets no slot and no place in the queue', () => {
    const limits = new CallLimits(new FakeClock(), SMALL);
    expect(limits.take('a', AbortSignal.abort())).toBe('aborted');
    granted(limits.take('a', never()));
    expect(limits.take('a', AbortSignal.abort())).toBe('aborted');
    expect([limits.running, limits.waiting]).toEqual([1, 0]);
  });

  test('waiting ends in a refusal after its time', async () => {
    const clock = new FakeClock();
    const limits = new CallLimits(clock, SMALL);
    granted(limits.take('a', never()));
    const waiting = limits.take('a', never());
    clock.advance(1_000);
    expect(await waiting).toBe('refused');
    expect(limits.waiting).toBe(0);
  });

  test('a client that leaves gives its place in the queue back', async () => {
    const limits = new CallLimits(new FakeClock(), SMALL);
    const release = granted(limits.take('a', never()));
    const abort = new AbortController();
    const waiting = limits.take('a', abort.signal);
    abort.abort();
    expect(await waiting).toBe('aborted');
    release();
    expect([limits.running, limits.waiting]).toEqual([0, 0]);
  });

  test('whatever happens, bounds hold and everything is given back', async () => {
    const step = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      act: fc.constantFrom('take', 'release', 'abort', 'wait'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new FakeClock();
        const limits = new CallLimits(clock, SMALL);
        const held = new Map<string, Release[]>();
        const aborts: AbortController[] = [];
        const keep = (tenant: string, slot: Slot) => {
          if (typeof slot === 'function') held.set(tenant, [...(held.get(tenant) ?? []), slot]);
        };
        for (const { tenant, act } of steps) {
          if (act === 'take') {
            const abort = new AbortController();
            aborts.push(abort);
            const slot = limits.take(tenant, abort.signal);
            if (slot instanceof Promise) void slot.then((late) => keep(tenant, late));
            else keep(tenant, slot);
          } else if (act === 'release') held.get(tenant)?.shift()?.();
          else if (act === 'abort') aborts.shift()?.abort();
          else clock.advance(600);
          await Promise.resolve();
          expect(limits.running).toBeLessThanOrEqual(SMALL.running);
          expect(limits.waiting).toBeLessThanOrEqual(SMALL.waiting);
          for (const slots of held.values()) expect(slots.length).toBeLessThanOrEqual(SMALL.runningPerTenant);
        }
        clock.advance(SMALL.waitFor);
        for (let round = 0; round < 100 && limits.running > 0; round++) {
          for (const slots of held.values()) slots.shift()?.();
          await Promise.resolve();
        }
        expect([limits.running, limits.waiting]).toEqual([0, 0]);
      }),
    );
  });
});
