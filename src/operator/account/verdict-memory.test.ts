import { expect, it } from 'vitest';
import { FakeClock } from '../../process/clock.ts';
import { seededRandom } from '../../process/random.ts';
import { VerdictMemory } from './verdict-memory.ts';

it('has an account asked about again only for credentials that are still as they were', () => {
  const clock = new FakeClock();
  const verdicts = new VerdictMemory({ clock, random: seededRandom(1) });
  verdicts.keep('a', 'plugin', { revision: 'r1', verdict: { kind: 'unknown', message: 'no answer' } });
  expect(verdicts.nextRetryMs('a', new Map([['plugin', 'r1']]))).toBeGreaterThan(0);
  clock.advance(60_000);
  expect(verdicts.nextRetryMs('a', new Map([['plugin', 'r1']]))).toBe(0);
  expect(verdicts.nextRetryMs('a', new Map([['plugin', 'r2']]))).toBeUndefined();
  expect(verdicts.nextRetryMs('a', new Map([['user', 'r1']]))).toBeUndefined();
  expect(verdicts.nextRetryMs('a', new Map())).toBeUndefined();
});
