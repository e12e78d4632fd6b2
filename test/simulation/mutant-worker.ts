import { parentPort, workerData } from 'node:worker_threads';
import { MUTANTS } from './mutants.ts';
import { loadMutant } from './mutated-sources.ts';

/**
 * Runs the simulation on a mutant, one seed after the other, until one run fails. Answers with the seed and the
 * invariant, or with nothing when the mutant survives.
 */
const { name, seeds }: { name: string; seeds: readonly number[] } = workerData;
const mutant = MUTANTS.find((candidate) => candidate.name === name);
if (mutant === undefined) throw new Error(`There is no mutant "${name}"`);
loadMutant(mutant);
const { simulate } = await import('./simulation.ts');
const { Violation } = await import('./violation.ts');

parentPort?.postMessage(await hunt());

async function hunt(): Promise<{ seed: number; invariant: string; message: string } | undefined> {
  for (const seed of seeds) {
    try {
      await simulate(seed);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return { seed, invariant: error.invariant, message: error.message };
    }
  }
  return undefined;
}
