import { describe, expect, test } from 'vitest';
import { FakeClock } from './clock.ts';
import { Deadlines } from './deadlines.ts';

function deadlines() {
  const clock = new FakeClock();
  const all = new Deadlines(clock);
  const fired: [string, number][] = [];
  const at = (due: number, name: string, then?: () => void) => ({
    due,
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
});
