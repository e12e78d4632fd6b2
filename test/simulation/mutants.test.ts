import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { mutate } from './mutated-sources.ts';

/**
 * The simulation must find each mutant within so many runs, the same runs that the true code passes. A mutant that
 * survives means that the simulation has grown blind, or that the code no longer depends on what the mutant breaks.
 */
const MOST_RUNS = 1_000;

interface Finding {
  readonly seed: number;
  readonly invariant: string;
}

describe('the simulation', () => {
  it.each(MUTANTS)('finds that $name', async (mutant) => {
    const finding = await hunt(mutant);
    expect(finding, `survived ${MOST_RUNS} runs`).toBeDefined();
    console.info(`${mutant.name}: violates ${finding?.invariant} at seed ${finding?.seed}`);
  });
});

it('refuses a mutant whose text does not stand exactly once in its file', () => {
  expect(() => mutate('a b a', { find: 'a', replace: 'c' })).toThrow('2 times');
  expect(() => mutate('b', { find: 'a', replace: 'c' })).toThrow('0 times');
  expect(mutate('a b', { find: 'a', replace: '$&c' })).toBe('$&c b');
});

/** In a thread of its own, with its own modules. */
function hunt({ name }: Mutant): Promise<Finding | undefined> {
  const seeds = Array.from({ length: MOST_RUNS }, (_, index) => index + 1);
  const worker = new Worker(new URL('mutant-worker.ts', import.meta.url), {
    workerData: { name, seeds },
    execArgv: [],
  });
  const { promise, resolve, reject } = Promise.withResolvers<Finding | undefined>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error(`The worker of "${name}" ended without an answer`)));
  return promise.finally(() => worker.terminate());
}
