import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { RetryDelays } from './retry-delays.ts';

function delaysOf(retries: RetryDelays, key: string, times: number): number[] {
  return Array.from({ length: times }, () => retries.next(key));
}

test('the delay of a key doubles from 5 ms to 1000 s', () => {
  const retries = new RetryDelays({ clock: new FakeClock(), perSecond: 1e9 });
  expect(delaysOf(retries, 'a', 5)).toEqual([5, 10, 20, 40, 80]);
  expect(delaysOf(retries, 'a', 30).at(-1)).toBe(1_000_000);
  expect(retries.failures('a')).toBe(35);
});

test('a delay stays at its longest after any number of failures', () => {
  const retries = new RetryDelays({ clock: new FakeClock(), perSecond: 1e9 });
  expect(delaysOf(retries, 'a', 3000).at(-1)).toBe(1_000_000);
});

test('keys fail apart, and a forgotten one starts over', () => {
  const retries = new RetryDelays({ clock: new FakeClock() });
  delaysOf(retries, 'a', 4);
  expect(retries.next('b')).toBe(5);
  retries.forget('a');
  expect(retries.failures('a')).toBe(0);
  expect(retries.next('a')).toBe(5);
});

test('many failing keys share ten retries a second once their burst of 100 is used', () => {
  const retries = new RetryDelays({ clock: new FakeClock() });
  const delays = Array.from({ length: 150 }, (_, index) => retries.next(`key-${index}`));
  expect(delays.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 5));
  expect(delays[149]).toBeCloseTo(5000);
});

test('however many keys have failed, the next one waits no longer than half a minute for its share', () => {
  const clock = new FakeClock();
  const retries = new RetryDelays({ clock });
  for (let index = 0; index < 10_000; index += 1) retries.next(`key-${index}`);
  expect(retries.next('another')).toBe(30_000);
  clock.advance(60_000);
  expect(retries.next('later')).toBe(5);
});
