import type { Action } from './deeds.ts';
import { simulate } from './simulation.ts';
import { type Invariant, Violation } from './violation.ts';

/**
 * The shortest script it can find, by leaving out one action after the other, that still violates the same invariant.
 * Bounded: a run costs some tens of milliseconds.
 */
const MOST_RUNS = 400;

export async function minimise(seed: number, script: readonly Action[], invariant: Invariant): Promise<Action[]> {
  let shortest = [...script];
  let runs = 0;
  for (let shortened = true; shortened; ) {
    shortened = false;
    for (let index = shortest.length - 1; index >= 0 && runs < MOST_RUNS; index -= 1) {
      const candidate = shortest.filter((_, other) => other !== index);
      runs += 1;
      if ((await violationOf(seed, candidate))?.invariant !== invariant) continue;
      shortest = candidate;
      shortened = true;
    }
  }
  return shortest;
}

export async function violationOf(seed: number, script?: readonly Action[]): Promise<Violation | undefined> {
  try {
    await simulate(seed, script);
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}
