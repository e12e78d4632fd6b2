import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from './clock.ts';
import { Deadlines, NOWHERE } from './deadlines.ts';

function deadlines() {
  const clock = new FakeClock();
  const all = new Deadlines(clock);
  const fired: [string, number][] = [];
  const at = (due: number, name: string, then?: () => void) => ({
    due,
    place: NOWHERE,
    expire: () => {
      fired.push([name, clock.monotonic()]);
      then?.();
    },
  });
  return { clock, all, fired, at };
}

describe('deadlines', () => {
  test('fire at their times, in whichever order they came', () => {
    const { clock, all, fired, at } = deadlines();
    all.add(at(300, 'c'));
    all.add(at(100, 'a'));
    all.add(at(200, 'b'));
    clock.advance(1_000);
    expect(fired).toEqual([
      ['a', 100],
      ['b', 200],
      ['c', 300],
    ]);
    expect(clock.nextTimer()).toBeUndefined();
  });

  test('one that is removed does not fire; the others do', () => {
    const { clock, all, fired, at } = deadlines();
    const first = at(100, 'first');
    all.add(first);
    all.add(at(200, 'second'));
    all.remove(first);
    clock.advance(1_000);
    expect(fired).toEqual([['second', 200]]);
  });

  test('one that is removed or added by another does what it should', () => {
    const { clock, all, fired, at } = deadlines();
    const victim = at(100, 'victim');
    all.add(
      at(100, 'killer', () => {
        all.remove(victim);
        all.add(at(150, 'heir'));
      }),
    );
    all.add(victim);
    clock.advance(1_000);
    expect(fired).toEqual([
      ['killer', 100],
      ['heir', 150],
    ]);
  });

  test('one that is long over fires at once; one that is never due, never', () => {
    const { clock, all, fired, at } = deadlines();
    clock.advance(500);
    all.add(at(Number.POSITIVE_INFINITY, 'never'));
    all.add(at(100, 'late'));
    clock.advance(10);
    expect(fired).toEqual([['late', 501]]);
  });

  test('a thousand need one timer', () => {
    const { clock, all, at } = deadlines();
    let set = 0;
    const { setTimer } = clock;
    clock.setTimer = (...args) => {
      set++;
      return setTimer.apply(clock, args);
    };
    for (let count = 0; count < 1_000; count++) {
      const deadline = at(60_000 + count, 'call');
      all.add(deadline);
      all.remove(deadline);
    }
    expect(set).toBe(1);
  });

  test('closing ends them all', () => {
    const { clock, all, fired, at } = deadlines();
    all.add(at(100, 'a'));
    all.close();
    clock.advance(1_000);
    expect([fired, clock.nextTimer()]).toEqual([[], undefined]);
  });

  test('whatever is added and removed in whichever order: those that are left fire, each once', () => {
    const steps = fc.array(fc.record({ index: fc.nat(9), adds: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (taken) => {
        const { clock, all, fired, at } = deadlines();
        const known = Array.from({ length: 10 }, (_, index) => at(100 + index, String(index)));
        const left = new Set<string>();
        for (const { index, adds } of taken) {
          const deadline = known[index];
          if (deadline === undefined) continue;
          if (adds) all.add(deadline);
          else expect(all.remove(deadline)).toBe(left.has(String(index)));
          left[adds ? 'add' : 'delete'](String(index));
        }
        clock.advance(1_000);
        expect(fired).toEqual([...left].sort().map((name) => [name, 100 + Number(name)]));
      }),
    );
  });

  test('what was removed does not grow old', () => {
    const { all, at } = deadlines();
    const standing = Array.from({ length: 32 }, () => ({ ...at(60_000, 'call'), held: new Array(64).fill(0) }));
    for (const each of standing) all.add(each);
    const churn = (times: number) => {
      for (let count = 0; count < times; count++) {
        const [oldest] = standing.splice(0, 1);
        if (oldest !== undefined) all.remove(oldest);
        const next = { ...at(60_000, 'call'), held: new Array(64).fill(0) };
        standing.push(next);
        all.add(next);
      }
    };
    churn(1_000);
    // Moves what lives at this moment to the old generation.
    collectGarbage();
    const before = oldBytes();
    churn(150_000);
    // Of more than 100 MB in all.
    expect(oldBytes() - before).toBeLessThan(2 ** 20);
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? Number.NaN;
}
