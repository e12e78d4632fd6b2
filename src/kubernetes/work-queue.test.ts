import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delay, FakeClock } from '../process/clock.ts';
import { type Logger, silentLogger } from '../process/logger.ts';
import { ApiError } from './object-api.ts';
import { type ReconcileResult, TerminalError, WorkQueue, type WorkQueueObserver } from './work-queue.ts';

interface Bench {
  clock: FakeClock;
  queue: WorkQueue;
  stop: AbortController;
  /** Keys in the order in which their runs began. */
  runs: string[];
  start: (reconcile?: (key: string) => Promise<ReconcileResult>, workers?: number) => Promise<'drained' | 'abandoned'>;
}

function bench(options: { observer?: WorkQueueObserver; logger?: Logger } = {}): Bench {
  const clock = new FakeClock();
  const stop = new AbortController();
  const runs: string[] = [];
  const queue = new WorkQueue({ name: 'servers', clock, logger: silentLogger, ...options });
  return {
    clock,
    queue,
    stop,
    runs,
    start: (reconcile = async () => ({}), workers = 1) =>
      queue.run({
        workers,
        signal: stop.signal,
        reconcile: (key) => {
          runs.push(key);
          return reconcile(key);
        },
      }),
  };
}

const settle = (clock: FakeClock) => clock.advanceAsync(0);

describe('which keys run, and when', () => {
  test('a key added many times before it runs is run once', async () => {
    const { queue, clock, runs, start } = bench();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    void start();
    await settle(clock);
    expect(runs).toEqual(['a', 'b']);
    expect(queue.idle).toBe(true);
  });

  test('a key added while it runs is run again afterwards, never at the same time', async () => {
    const { queue, clock, runs, start } = bench();
    const gates = [Promise.withResolvers<ReconcileResult>(), Promise.withResolvers<ReconcileResult>()];
    void start(() => gates[runs.length - 1]?.promise ?? Promise.resolve({}), 4);
    queue.add('a');
    await settle(clock);
    queue.add('a');
    queue.add('a');
    await settle(clock);
    expect(runs).toEqual(['a']);
    gates[0]?.resolve({});
    await settle(clock);
    expect(runs).toEqual(['a', 'a']);
    gates[1]?.resolve({});
    await settle(clock);
    expect(runs).toEqual(['a', 'a']);
    expect(queue.idle).toBe(true);
  });

  test('many keys that wait for nothing let other work have its turn', async () => {
    const { queue, clock, runs, start } = bench();
    for (let index = 0; index < 1_000; index += 1) queue.add(`key ${index}`);
    void start(undefined, 32);
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs.length).toBeLessThan(300);
    await settle(clock);
    expect(runs).toHaveLength(1_000);
    expect(queue.idle).toBe(true);
  });

  test('a key that is always due again does not keep other work from its turn', async () => {
    const { runs, queue, start } = bench();
    queue.add('a');
    void start(async () => ({ requeueAfterMs: 0 }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs.length).toBeLessThan(300);
  });

  test('adding never runs anything inside the caller', () => {
    const { queue, runs, start } = bench();
    void start();
    queue.add('a');
    expect(runs).toEqual([]);
  });

  test('as many keys run at once as there are workers', async () => {
    const { queue, clock, runs, start } = bench();
    void start(() => new Promise(() => undefined), 3);
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await settle(clock);
    expect(runs).toEqual(['a', 'b', 'c']);
    expect(queue.depth).toBe(1);
  });

  test('live edits overtake a first list, and raise a key that waits in it', async () => {
    const { queue, clock, runs, start } = bench();
    for (const key of ['a', 'b', 'c']) queue.add(key, { priority: 'low' });
    queue.add('x');
    queue.add('c');
    queue.add('x', { priority: 'low' });
    void start();
    await settle(clock);
    expect(runs).toEqual(['x', 'c', 'a', 'b']);
  });

  test('a second run of the same queue is refused', async () => {
    const { stop, start } = bench();
    void start();
    await expect(start()).rejects.toThrow('already run');
    stop.abort();
  });
});

describe('later', () => {
  test('of several times for one key the earliest holds', async () => {
    const { queue, clock, runs, start } = bench();
    void start();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    await clock.advanceAsync(99);
    expect(runs).toEqual([]);
    await clock.advanceAsync(1);
    expect(runs).toEqual(['a']);
    await clock.advanceAsync(10_000);
    expect(runs).toEqual(['a']);
  });

  test('what a reconcile asks for comes after that long', async () => {
    const { queue, clock, runs, start } = bench();
    void start(async () => (runs.length === 1 ? { requeueAfterMs: 30_000 } : {}));
    queue.add('a');
    await clock.advanceAsync(29_999);
    expect(runs).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(runs).toHaveLength(2);
    expect(queue.delayed).toBe(0);
  });

  test('a time beyond what one timer can hold is kept', async () => {
    const { queue, clock, runs, start } = bench();
    void start();
    const sixtyDays = 60 * 24 * 3_600_000;
    queue.addAfter('a', sixtyDays);
    await clock.advanceAsync(sixtyDays - 1);
    expect(runs).toEqual([]);
    await clock.advanceAsync(1);
    expect(runs).toEqual(['a']);
  });

  test('a stepped wall clock moves nothing', async () => {
    const { queue, clock, runs, start } = bench();
    void start();
    queue.addAfter('a', 1000);
    clock.step(86_400_000);
    await clock.advanceAsync(999);
    expect(runs).toEqual([]);
  });
});

describe('failures', () => {
  test('a failing key is tried again after 5, 10, 20 ms; a success starts it over', async () => {
    const { queue, clock, runs, start } = bench();
    const times: number[] = [];
    void start(async () => {
      times.push(clock.monotonic());
      if (runs.length <= 3) throw new Error('not yet');
      return {};
    });
    queue.add('a');
    await clock.advanceAsync(1000);
    expect(times).toEqual([0, 5, 15, 35]);
    expect(queue.failures('a')).toBe(0);
  });

  test('an edit of a failing key is tried at once', async () => {
    const { queue, clock, runs, start } = bench();
    void start(() => Promise.reject(new Error('Crisp is down')));
    queue.add('a');
    await clock.advanceAsync(3000);
    const before = runs.length;
    queue.add('a');
    await settle(clock);
    expect(runs).toHaveLength(before + 1);
  });

  test('a terminal error rests until something changes', async () => {
    const { queue, clock, runs, start } = bench();
    void start(() => Promise.reject(new TerminalError('the spec makes no sense')));
    queue.add('a');
    await clock.advanceAsync(3_600_000);
    expect(runs).toEqual(['a']);
    queue.add('a');
    await settle(clock);
    expect(runs).toEqual(['a', 'a']);
  });

  test('one failing key holds up no other', async () => {
    const { queue, clock, runs, start } = bench();
    void start(async (key) => {
      if (key === 'bad') throw new Error('always');
      return {};
    });
    queue.add('bad');
    queue.add('good');
    await settle(clock);
    expect(runs).toEqual(['bad', 'good']);
  });

  test.each([
    ['an error', () => Promise.reject(new Error('x')), 'error'],
    ['a conflict', () => Promise.reject(new ApiError({ reason: 'Conflict', status: 409, message: 'x' })), 'conflict'],
    ['a terminal error', () => Promise.reject(new TerminalError('x')), 'terminal'],
    ['a defect', () => Promise.reject(new TypeError('x is undefined')), 'panic'],
    ['something that is no error', () => Promise.reject('x'), 'panic'],
    [
      'a throw before any promise',
      () => {
        throw new Error('x');
      },
      'error',
    ],
    ['a success', async () => ({}), 'success'],
    ['a success that wants another run', async () => ({ requeueAfterMs: 1e6 }), 'requeue'],
  ])('%s is counted as such and the queue goes on', async (_, reconcile, outcome) => {
    const outcomes: string[] = [];
    const { queue, clock, stop, start } = bench({ observer: { finished: (how) => outcomes.push(how) } });
    const end = start(reconcile);
    queue.add('a');
    await settle(clock);
    expect(outcomes).toEqual([outcome]);
    queue.add('b');
    await settle(clock);
    expect(outcomes).toEqual([outcome, outcome]);
    stop.abort();
    await expect(end).resolves.toBe('drained');
  });
});

describe('the end', () => {
  test('running reconciles may finish; waiting keys are dropped and new ones refused', async () => {
    const { queue, clock, runs, stop, start } = bench();
    const end = start(async () => {
      await delay(clock, 10_000);
      return { requeueAfterMs: 1 };
    });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 100);
    await clock.advanceAsync(50);
    stop.abort();
    queue.add('d');
    await clock.advanceAsync(60_000);
    await expect(end).resolves.toBe('drained');
    expect(runs).toEqual(['a']);
    expect(queue.idle).toBe(true);
    expect(clock.nextTimer()).toBeUndefined();
  });

  test('a reconcile that hangs is waited for half a minute at most', async () => {
    const { queue, clock, stop, start } = bench();
    let result: string | undefined;
    void start(() => new Promise(() => undefined)).then((how) => {
      result = how;
    });
    queue.add('a');
    await settle(clock);
    stop.abort();
    await clock.advanceAsync(29_999);
    expect(result).toBeUndefined();
    await clock.advanceAsync(1);
    expect(result).toBe('abandoned');
  });

  test('keys wait until somebody works, and a queue that is stopped first runs none', async () => {
    const { queue, clock, runs, stop, start } = bench();
    queue.add('a');
    await clock.advanceAsync(1000);
    expect(runs).toEqual([]);
    stop.abort();
    await expect(start()).resolves.toBe('drained');
    expect(runs).toEqual([]);
  });
});

test('an observer learns of depth, waiting time and duration', async () => {
  const seen: string[] = [];
  const { queue, clock, start } = bench({
    observer: {
      added: (priority) => seen.push(`added ${priority}`),
      depth: (keys) => seen.push(`depth ${keys}`),
      started: (waitedMs) => seen.push(`started after ${waitedMs}`),
      finished: (outcome, durationMs) => seen.push(`${outcome} in ${durationMs}`),
    },
  });
  queue.add('a', { priority: 'low' });
  clock.advance(70);
  void start(async () => {
    await delay(clock, 30);
    return {};
  });
  await clock.advanceAsync(100);
  expect(seen).toEqual(['added low', 'depth 1', 'depth 0', 'started after 70', 'success in 30']);
});

test('whatever is added while whatever runs: no key twice at once, no change unseen, never more than the workers', async () => {
  const keys = fc.constantFrom('a', 'b', 'c');
  const script = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 40 }),
      key: keys,
      how: fc.constantFrom('normal' as const, 'low' as const, 'later' as const),
      delayMs: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 30 },
  );
  const behaviour = fc.array(
    fc.record({ lastsMs: fc.integer({ min: 0, max: 50 }), fails: fc.boolean(), again: fc.boolean() }),
    { minLength: 1, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(script, behaviour, fc.integer({ min: 1, max: 3 }), async (adds, behaviours, workers) => {
      const { queue, clock, runs, stop, start } = bench();
      const running = new Set<string>();
      /** Latest moment at which a key was due, and the latest start of its runs. */
      const due = new Map<string, number>();
      const started = new Map<string, number>();
      const end = start(async (key) => {
        expect(running.has(key)).toBe(false);
        running.add(key);
        expect(running.size).toBeLessThanOrEqual(workers);
        started.set(key, clock.monotonic());
        const { lastsMs, fails, again } = behaviours[runs.length - 1] ?? { lastsMs: 0, fails: false, again: false };
        await delay(clock, lastsMs);
        running.delete(key);
        if (fails) throw new Error('scripted');
        return again ? { requeueAfterMs: 25 } : {};
      }, workers);
      for (const { afterMs, key, how, delayMs } of adds) {
        await clock.advanceAsync(afterMs);
        if (how === 'later') queue.addAfter(key, delayMs);
        else queue.add(key, { priority: how });
        if (how !== 'later') due.set(key, clock.monotonic());
      }
      await clock.advanceAsync(60_000);
      for (const [key, at] of due) expect(started.get(key)).toBeGreaterThanOrEqual(at);
      for (const { key } of adds) expect(runs).toContain(key);
      expect(queue.idle).toBe(true);
      expect(queue.delayed).toBe(0);
      stop.abort();
      await expect(end).resolves.toBe('drained');
      expect(clock.nextTimer()).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
