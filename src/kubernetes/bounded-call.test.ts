import { expect, test } from 'vitest';
import { FakeClock } from '../process/clock.ts';
import { boundedCall, CallTimeoutError } from './bounded-call.ts';

test('a call that answers in time is as if it were called bare', async () => {
  const clock = new FakeClock();
  await expect(boundedCall(clock, 100, async () => 'answer')).resolves.toBe('answer');
  await expect(boundedCall(clock, 100, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(clock.nextTimer()).toBeUndefined();
});

test('a call that hangs fails once its time is over', async () => {
  const clock = new FakeClock();
  const result = boundedCall(clock, 100, () => new Promise(() => undefined));
  const outcome = expect(result).rejects.toThrow(CallTimeoutError);
  await clock.advanceAsync(100);
  await outcome;
});

test('an answer that comes too late, even a failure, is heard by nobody', async () => {
  const clock = new FakeClock();
  const call = Promise.withResolvers<string>();
  const outcome = expect(boundedCall(clock, 100, () => call.promise)).rejects.toThrow(CallTimeoutError);
  await clock.advanceAsync(100);
  call.reject(new Error('late'));
  await outcome;
});

test('a call that throws before it returns a promise fails like any other', async () => {
  const clock = new FakeClock();
  const call = () => {
    throw new Error('not even started');
  };
  await expect(boundedCall(clock, 100, call)).rejects.toThrow('not even started');
  expect(clock.nextTimer()).toBeUndefined();
});
