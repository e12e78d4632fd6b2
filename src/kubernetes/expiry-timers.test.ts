import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { ExpiryTimers } from './expiry-timers.ts';

function bench() {
  const clock = new FakeClock();
  const due: string[] = [];
  const timers = new ExpiryTimers({ clock, logger: silentLogger, onDue: (key) => due.push(key) });
  return { clock, due, timers, in: (milliseconds: number) => clock.now() + milliseconds };
}

test('keys are due in the order of their instants, each at its own', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('later', at(2000));
  timers.set('sooner', at(1000));
  clock.advance(999);
  expect(due).toEqual([]);
  clock.advance(1);
  expect(due).toEqual(['sooner']);
  clock.advance(1000);
  expect(due).toEqual(['sooner', 'later']);
  expect(timers.size).toBe(0);
  expect(clock.nextTimer()).toBeUndefined();
});

test('an instant that has passed is due at once, but not inside set', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('a', at(-5000));
  expect(due).toEqual([]);
  clock.advance(0);
  expect(due).toEqual(['a']);
});

test('a key that was moved is due at its new instant only', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('extended', at(1000));
  timers.set('shortened', at(9000));
  timers.set('extended', at(5000));
  timers.set('shortened', at(2000));
  clock.advance(4999);
  expect(due).toEqual(['shortened']);
  clock.advance(1);
  expect(due).toEqual(['shortened', 'extended']);
});

test('a key that was cleared is never due', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('a', at(1000));
  timers.clear('a');
  clock.advance(10_000);
  expect(due).toEqual([]);
});

test('an instant years away neither fires early nor keeps more than one timer', () => {
  const { clock, due, timers } = bench();
  timers.set('a', Date.parse('2026-03-01T00:00:00Z'));
  clock.advance(Date.parse('2026-03-01T00:00:00Z') - clock.now() - 1);
  expect(due).toEqual([]);
  clock.advance(1);
  expect(due).toEqual(['a']);
});

test('a wall clock stepped forward is noticed within a minute', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('a', at(3_600_000));
  clock.step(3_600_000);
  clock.advance(60_000);
  expect(due).toEqual(['a']);
});

test('a wall clock stepped back delays; nothing is due before its instant', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('a', at(30_000));
  clock.step(-90_000);
  clock.advance(119_999);
  expect(due).toEqual([]);
  clock.advance(1);
  expect(due).toEqual(['a']);
});

test('a handler that fails costs no other key its turn', () => {
  const clock = new FakeClock();
  const due: string[] = [];
  const timers = new ExpiryTimers({
    clock,
    logger: silentLogger,
    onDue: (key) => {
      due.push(key);
      if (key === 'bad') throw new Error('handler');
    },
  });
  timers.set('bad', clock.now() + 10);
  timers.set('good', clock.now() + 10);
  timers.set('later', clock.now() + 20);
  clock.advance(20);
  expect(due).toEqual(['bad', 'good', 'later']);
});

test('a handler may set its key again', () => {
  const clock = new FakeClock();
  const due: number[] = [];
  const timers: ExpiryTimers = new ExpiryTimers({
    clock,
    logger: silentLogger,
    onDue: (key) => {
      due.push(clock.monotonic());
      if (due.length < 3) timers.set(key, clock.now() + 100);
    },
  });
  timers.set('a', clock.now());
  clock.advance(1000);
  expect(due).toEqual([0, 100, 200]);
});

test('nothing is due after stop', () => {
  const { clock, due, timers, in: at } = bench();
  timers.set('a', at(1000));
  timers.stop();
  timers.set('b', at(1000));
  clock.advance(10_000);
  expect(due).toEqual([]);
  expect(clock.nextTimer()).toBeUndefined();
});

test('any sets, clears and clock steps: never due before its instant, and due within a minute of it', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key, inMs: fc.integer({ min: -100_000, max: 400_000 }) }),
    fc.record({ do: fc.constant('clear' as const), key }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 150_000 }) }),
    fc.record({ do: fc.constant('step' as const), ms: fc.integer({ min: -300_000, max: 300_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (script) => {
      const clock = new FakeClock();
      const model = new Map<string, number>();
      /** Since when, monotonic, a key of the model has been overdue without a break. */
      const overdueSince = new Map<string, number>();
      const timers = new ExpiryTimers({
        clock,
        logger: silentLogger,
        onDue: (due) => {
          const instant = model.get(due);
          expect(instant, `${due} was not set`).toBeDefined();
          expect(clock.now()).toBeGreaterThanOrEqual(instant ?? Number.POSITIVE_INFINITY);
          model.delete(due);
        },
      });
      const check = () => {
        for (const name of ['a', 'b', 'c', 'd']) {
          const instant = model.get(name);
          if (instant === undefined || clock.now() < instant) overdueSince.delete(name);
          else if (!overdueSince.has(name)) overdueSince.set(name, clock.monotonic());
          const since = overdueSince.get(name);
          if (since !== undefined) expect(clock.monotonic() - since).toBeLessThanOrEqual(60_000);
          expect(timers.get(name)).toBe(instant);
        }
      };
      for (const action of script) {
        if (action.do === 'set') {
          const instant = clock.now() + action.inMs;
          model.set(action.key, instant);
          overdueSince.delete(action.key);
          timers.set(action.key, instant);
        } else if (action.do === 'clear') {
          model.delete(action.key);
          timers.clear(action.key);
        } else if (action.do === 'step') clock.step(action.ms);
        else for (let left = action.ms; left > 0; left -= 10_000) clock.advance(Math.min(left, 10_000));
        check();
      }
      clock.advance(1_000_000 + 300_000 * script.length);
      expect(model.size).toBe(0);
      expect(timers.size).toBe(0);
    }),
    { numRuns: 500 },
  );
});
