import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { Backoff } from './backoff.ts';

const withoutJitter = { bytes: () => Buffer.alloc(0), fraction: () => 0 };
const withMostJitter = { bytes: () => Buffer.alloc(0), fraction: () => 0.999 };

test('waits double from 0.8 s to 30 s', () => {
  const backoff = new Backoff({ clock: new FakeClock(), random: withoutJitter });
  expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([
    800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000,
  ]);
});

test('jitter at most doubles a wait', () => {
  const backoff = new Backoff({ clock: new FakeClock(), random: withMostJitter });
  const wait = backoff.next();
  expect(wait).toBeGreaterThan(1500);
  expect(wait).toBeLessThan(1600);
});

test('two minutes without a failure start it over; less do not', () => {
  const clock = new FakeClock();
  const backoff = new Backoff({ clock, random: withoutJitter });
  clock.advance(backoff.next());
  clock.advance(119_999);
  expect(backoff.next()).toBe(1600);
  clock.advance(1600 + 120_000);
  expect(backoff.next()).toBe(800);
});
