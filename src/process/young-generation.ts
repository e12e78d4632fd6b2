import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * The size of V8's young generation, which by itself is too large twice.
 *
 * Loading a program makes more garbage that lives for a while than any request does, and V8 answers by growing the young
 * generation to a size that it hardly ever gives back: an idle gateway would hold 16 MB more for its whole life. So it gets
 * the size that a start needs at once (what is too small costs CPU time) and may not grow while the program loads.
 *
 * Under load V8 would grow it to 128 MB. The bodies of requests and answers lie outside the heap and are freed when their
 * handles are collected; a young generation so large is collected so seldom that they pass V8's limit for memory outside
 * first, and then all of the heap is marked, several times a second: calls with results of 19 KB cost 95 us of CPU time
 * instead of 67, and the process held 130 MB more. So it may grow to a quarter of that. One long task, such as parsing a
 * body of 4 MB, may still take it further, because this looks only between tasks; the image, whose command line is ours,
 * has V8's own flag for the same bound, which V8 reads only at its start.
 *
 * V8 reads its growth factor whenever it would grow, and grows or shrinks at the end of a collection; a version that does
 * not know the flag behaves as it always did. A collection by force after the start would give another 13 MB back, and costs
 * every request afterwards a tenth of its CPU time.
 */
const START_BYTES = 4 * 2 ** 20;
const START_MS = 5_000;
/** Both halves, of which one is in use: V8's flag `--max-semi-space-size` is of one. */
export const MOST_BYTES = 32 * 2 ** 20;
const MOST_OBJECTS = 400_000;
const LOOK_EVERY = 5_000;

export function sizeYoungGeneration(): void {
  allowGrowth(4);
  const survivors: object[] = [];
  while (survivors.length < MOST_OBJECTS && (survivors.length % LOOK_EVERY !== 0 || youngBytes() < START_BYTES)) {
    survivors.push({ survivor: survivors.length });
  }
  allowGrowth(1);
  setTimeout(growToMost, START_MS).unref();
}

function growToMost(): void {
  const look = () => allowGrowth(youngBytes() < MOST_BYTES ? 2 : 1);
  look();
  new PerformanceObserver(look).observe({ entryTypes: ['gc'] });
}

function allowGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? MOST_BYTES;
}
