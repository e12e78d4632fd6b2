import { describe, expect, test } from 'vitest';
import { AtMostEvery } from './at-most-every.ts';
import { FakeClock } from './clock.ts';

describe('what may happen at most every ten seconds', () => {
  test('happens at once, and again when the ten seconds are over', () => {
    const clock = new FakeClock();
    const complaints = new AtMostEvery(clock, 10_000);
    expect([complaints.claim(), complaints.claim()]).toEqual([true, false]);
    clock.advance(9_999);
    expect(complaints.claim()).toBe(false);
    clock.advance(1);
    expect([complaints.claim(), complaints.claim()]).toEqual([true, false]);
  });

  test('does not wait longer because it was asked for in between', () => {
    const clock = new FakeClock();
    const complaints = new AtMostEvery(clock, 10_000);
    const claimed: number[] = [];
    for (let second = 0; second < 25; second++) {
      if (complaints.claim()) claimed.push(second);
      clock.advance(1_000);
    }
    expect(claimed).toEqual([0, 10, 20]);
  });

  test('counts by the monotonic clock, which nobody sets', () => {
    const clock = new FakeClock();
    const complaints = new AtMostEvery(clock, 10_000);
    complaints.claim();
    clock.step(3_600_000);
    expect(complaints.claim()).toBe(false);
    clock.step(-7_200_000);
    clock.advance(10_000);
    expect(complaints.claim()).toBe(true);
  });

  test('happens at once after a reset', () => {
    const complaints = new AtMostEvery(new FakeClock(), 10_000);
    complaints.claim();
    complaints.reset();
    expect([complaints.claim(), complaints.claim()]).toEqual([true, false]);
  });
});
