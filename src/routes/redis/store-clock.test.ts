import { describe, expect, test } from 'vitest';
import { delay, FakeClock } from '../../process/clock.ts';
import { StoreClock } from './store-clock.ts';

/** A server whose clock is `offset` ahead of ours and that answers after `answersIn` milliseconds. */
function measured({ offset = 0, answersIn = 0 } = {}) {
  const clock = new FakeClock();
  const connected: (() => void)[] = [];
  const server = { offset, answersIn, failing: false };
  const readTime = async () => {
    const instant = clock.now() + server.offset + server.answersIn / 2;
    await delay(clock, server.answersIn);
    if (server.failing) throw new Error('the store is away');
    return [Math.floor(instant / 1_000), (instant % 1_000) * 1_000];
  };
  const link = { session: 1, listen: ({ up }: { up(): void }) => connected.push(up) };
  const storeClock = new StoreClock({ link, readTime, clock });
  const connect = () => {
    for (const up of connected) up();
    return clock.advanceAsync(server.answersIn);
  };
  return { clock, server, storeClock, connect };
}

describe('the clock of the store', () => {
  test('is unknown before it was read', async () => {
    const { storeClock, connect } = measured();
    expect(storeClock.offset).toBeUndefined();
    await connect();
    expect(storeClock.offset).toBe(0);
  });

  test.each([7_200_000, -7_200_000])('shows a step of the local clock by %d ms at once', async (step) => {
    const { clock, storeClock, connect } = measured({ offset: 40 });
    await connect();
    clock.advance(10_000);
    expect(storeClock.offset).toBe(40);
    clock.step(step);
    expect(storeClock.offset).toBe(40 - step);
  });

  test('is kept from a slow answer only while there is no better one', async () => {
    const { clock, server, storeClock, connect } = measured({ offset: 40, answersIn: 900 });
    await connect();
    expect(storeClock.offset).toBe(40);
    server.offset = 90;
    await clock.advanceAsync(1_900);
    expect(storeClock.offset).toBe(40);
    server.answersIn = 100;
    await clock.advanceAsync(1_100);
    expect(storeClock.offset).toBe(90);
  });

  test('goes on while the store is away', async () => {
    const { clock, server, storeClock, connect } = measured({ offset: 40 });
    await connect();
    server.failing = true;
    await clock.advanceAsync(60_000);
    clock.step(-7_200_000);
    expect(storeClock.offset).toBe(7_200_040);
  });
});
