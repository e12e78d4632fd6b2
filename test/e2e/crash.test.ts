import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcess } from '../harness/processes.ts';
import type { CrashPoint, RecordedWrite } from '../harness/write-trap.ts';
import { CrashLane, type Phase, type RunResult } from './crash-lane.ts';
import { PHASES } from './crash-phases.ts';

/**
 * The operator is killed (SIGKILL) before and after each write of a recorded run, to the API server and to Redis, and the
 * next one ends in the same place: same resources, Secrets, keys and answers, nothing created twice, no URL served after
 * it was revoked. Several lanes work at once, since most of a run is waiting.
 */
const LANES = 3;
const lanes: CrashLane[] = [];
const queue: ((lane: CrashLane) => void)[] = [];
let started = 0;

async function withLane<T>(use: (lane: CrashLane) => Promise<T>): Promise<T> {
  const lane = await takeLane();
  let usable = false;
  try {
    const result = await use(lane);
    await lane.expectAllBuried();
    usable = true;
    return result;
  } finally {
    // One whose run failed is in an unknown state.
    giveBack(usable ? lane : await replaced(lane));
  }
}

async function takeLane(): Promise<CrashLane> {
  const free = lanes.pop();
  if (free !== undefined) return free;
  if (started < LANES) {
    started += 1;
    return await CrashLane.start(`crash-${started}`);
  }
  return await new Promise((resolve) => queue.push(resolve));
}

async function replaced(lane: CrashLane): Promise<CrashLane> {
  await lane.stop();
  return await CrashLane.start('crash-again');
}

function giveBack(lane: CrashLane): void {
  const next = queue.shift();
  if (next === undefined) lanes.push(lane);
  else next(lane);
}

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.stop()));
});

/** Only a process that ends by itself leaves its compiled code for the next one. */
beforeAll(async () => {
  await (await startProcess('crash-compile', ['operator', '--help'])).exited;
});

let recorded = 0;
let runs = 0;

afterAll(() => {
  console.log(`crash test: ${recorded} writes in the reference run, ${runs} crashes`);
});

/** What took effect. Renewals of the lease are left out: they come by the clock, not by what happens. */
const isPartOfTheRun = ({ what, outcome }: RecordedWrite) =>
  !what.startsWith('PUT leases/') && /^(20\d|OK)$/.test(outcome ?? '');

function crashPoints(writes: readonly RecordedWrite[]): CrashPoint[] {
  const seen = new Map<string, number>();
  return writes.filter(isPartOfTheRun).flatMap(({ what }) => {
    const occurrence = (seen.get(what) ?? 0) + 1;
    seen.set(what, occurrence);
    return [
      { what, occurrence, when: 'before' as const },
      { what, occurrence, when: 'after' as const },
    ];
  });
}

/** Writes that create or delete, and took effect. */
function creationsAndDeletions({ writes }: RunResult): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what, outcome } of writes) {
    if (!/^(POST|DELETE) (?!events)/.test(what) || !/^20/.test(outcome ?? '')) continue;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

/** What two reconciles write can once in a while be written by one: then the run is tried again. */
const TRIES = 4;

async function runUntilCrashed(
  lane: CrashLane,
  phase: Phase,
  point: CrashPoint,
  reference: RunResult,
): Promise<RunResult> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const result = await lane.run(phase, point, reference);
    if (result.crashed) return result;
  }
  throw new Error(`the write did not come again in ${TRIES} runs`);
}

async function crashAtEachWrite(lane: CrashLane, phase: Phase): Promise<void> {
  const reference = await lane.run(phase);
  const points = crashPoints(reference.writes);
  recorded += points.length / 2;
  expect(points.length).toBeGreaterThan(0);
  for (const point of points) {
    const name = `crashed ${point.when} ${point.what} (${point.occurrence})`;
    try {
      const crashed = await runUntilCrashed(lane, phase, point, reference);
      expect(creationsAndDeletions(crashed), 'what was created and deleted').toEqual(creationsAndDeletions(reference));
      runs += 1;
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

describe('an operator killed at any write while', () => {
  test.concurrent.each(PHASES)('$name', async (phase) => withLane((lane) => crashAtEachWrite(lane, phase)), 400_000);
});
