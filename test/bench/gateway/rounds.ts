import type { BenchCase } from './cases.ts';
import type { Generator } from './generators.ts';
import { type Subject, type Turn, turn } from './subjects.ts';

/**
 * Interleaved rounds: in each, every subject of a case has one turn, in an order that rotates. A ratio is the median of
 * the rounds' own ratios, because a shared machine may be two times slower a minute later, but hardly between two turns.
 */
export interface Ratio {
  /** Requests a second of the subject by those of the reference. */
  readonly ratio: number;
  /** The quartiles of the rounds' ratios. */
  readonly iqr: readonly [number, number];
  /** CPU time a request of the reference by that of the subject: above 1, the subject needs less. */
  readonly cpuRatio: number;
}

export interface Measured extends Ratio {
  readonly subject: Figures;
  readonly reference: Figures;
  /** Median of the rounds' differences of the median latencies. */
  readonly addedP50Ms: number;
}

export interface Figures {
  readonly perSecond: number;
  readonly cpuMicrosPerRequest: number;
  readonly busy: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface RoundsPlan {
  readonly generator: Generator;
  readonly cases: readonly { readonly benchCase: BenchCase; readonly subjects: readonly Subject[] }[];
  readonly rounds: number;
  readonly milliseconds: number;
  readonly progress: (text: string) => void;
}

/** All turns, by case and subject, in order of the rounds. */
export type Turns = ReadonlyMap<string, ReadonlyMap<string, readonly Turn[]>>;

export async function runRounds(plan: RoundsPlan): Promise<Turns> {
  const turns = new Map(
    plan.cases.map(({ benchCase, subjects }) => [
      benchCase.name,
      new Map(subjects.map(({ name }) => [name, [] as Turn[]])),
    ]),
  );
  for (let round = -1; round < plan.rounds; round++) {
    plan.progress(round < 0 ? 'warming up' : `round ${round + 1} of ${plan.rounds}`);
    for (const { benchCase, subjects } of plan.cases) {
      const first = Math.max(round, 0) % subjects.length;
      for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) {
        const measured = await turn(plan.generator, subject, benchCase, plan.milliseconds);
        if (round >= 0) turns.get(benchCase.name)?.get(subject.name)?.push(measured);
      }
    }
  }
  return turns;
}

export function compare(subject: readonly Turn[], reference: readonly Turn[]): Measured {
  const pairs = subject.flatMap((turn, round) => {
    const other = reference[round];
    return other === undefined ? [] : [{ turn, other }];
  });
  const ratios = pairs.map(({ turn, other }) => turn.perSecond / other.perSecond);
  return {
    ratio: quantile(ratios, 0.5),
    iqr: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    cpuRatio: quantile(
      pairs.map(({ turn, other }) => other.cpuMicrosPerRequest / turn.cpuMicrosPerRequest),
      0.5,
    ),
    subject: figures(subject),
    reference: figures(reference),
    addedP50Ms: quantile(
      pairs.map(({ turn, other }) => turn.p50Ms - other.p50Ms),
      0.5,
    ),
  };
}

function figures(turns: readonly Turn[]): Figures {
  const median = (of: (turn: Turn) => number) => quantile(turns.map(of), 0.5);
  return {
    perSecond: median(({ perSecond }) => perSecond),
    cpuMicrosPerRequest: median(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest),
    busy: median(({ busy }) => busy),
    p50Ms: median(({ p50Ms }) => p50Ms),
    p99Ms: median(({ p99Ms }) => p99Ms),
  };
}

/** With linear interpolation between the two values next to it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
