import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { TokenBucket } from './token-bucket.ts';

test('a bucket gives its burst at once, then one token each interval', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, perSecond: 10, burst: 3 });
  expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false]);
  clock.advance(99);
  expect(bucket.tryTake()).toBe(false);
  clock.advance(2);
  expect([bucket.tryTake(), bucket.tryTake()]).toEqual([true, false]);
});

test('a bucket never holds more than its burst', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, perSecond: 10, burst: 2 });
  clock.advance(3_600_000);
  expect([1, 2, 3].map(() => bucket.tryTake())).toEqual([true, true, false]);
});

test('reserving beyond the burst lines up one behind the other', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, perSecond: 10, burst: 2 });
  expect([1, 2, 3, 4, 5].map(() => bucket.reserve())).toEqual([0, 0, 100, 200, 300]);
  clock.advance(300);
  expect(bucket.reserve()).toBe(100);
});

test('a stepped wall clock fills no bucket', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, perSecond: 10, burst: 1 });
  bucket.tryTake();
  clock.step(3_600_000);
  expect(bucket.tryTake()).toBe(false);
});
