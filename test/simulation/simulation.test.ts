import { describe, expect, it } from 'vitest';
import { CORPUS } from './corpus.ts';
import { minimise, violationOf } from './minimise.ts';
import { scriptOf } from './script.ts';
import { simulate } from './simulation.ts';

/**
 * A thousand runs, each from its seed. `SIMULATION_SEED=n` repeats one run and, if it fails, shortens its script;
 * `SIMULATION_RUNS` and `SIMULATION_FROM` make it a longer hunt elsewhere.
 */
const RUNS = Number(process.env.SIMULATION_RUNS ?? 1_000);
const FROM = Number(process.env.SIMULATION_FROM ?? 1);
const SEED = process.env.SIMULATION_SEED;

/** Between these the runner gets its turn. */
const BATCH = 100;

if (SEED === undefined) {
  describe('under faults of every kind', () => {
    it.each(CORPUS)('does not fall back into what seed $seed found: $found', ({ seed }) => run(seed));

    const batches = Array.from({ length: Math.ceil(RUNS / BATCH) }, (_, index) => FROM + index * BATCH);
    it.each(batches)('keeps every invariant in the runs from seed %i', async (first) => {
      for (let seed = first; seed < Math.min(first + BATCH, FROM + RUNS); seed += 1) await run(seed);
    });

    it('gives the same run for the same seed', async () => {
      expect(scriptOf(7)).toEqual(scriptOf(7));
      expect(await traceOf(7)).toEqual(await traceOf(7));
    });
  });
} else {
  describe('the run of SIMULATION_SEED', () => {
    it(`keeps every invariant: ${SEED}`, async () => {
      const seed = Number(SEED);
      const violation = await violationOf(seed);
      if (violation === undefined) return;
      const script = await minimise(seed, scriptOf(seed), violation.invariant);
      const actions = script.map((action) => JSON.stringify(action)).join('\n');
      throw new Error(`${violation.message}\nThe shortest script that still does it:\n${actions}`, {
        cause: violation,
      });
    });
  });
}

async function run(seed: number): Promise<void> {
  const violation = await violationOf(seed);
  if (violation === undefined) return;
  const again = `SIMULATION_SEED=${seed} npx vitest run --project simulation test/simulation/simulation.test.ts`;
  throw new Error(`Seed ${seed} violates ${violation.message}\nTo repeat and shorten it: ${again}`, {
    cause: violation,
  });
}

async function traceOf(seed: number): Promise<readonly string[]> {
  return (await simulate(seed)).effects;
}
