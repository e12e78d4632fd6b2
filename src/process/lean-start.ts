import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loading a program makes more garbage that lives for a while than any request does, and V8 answers by growing its young
 * generation to a size that it never gives back: an idle gateway would hold 40 MB more for its whole life. So it gets the
 * size that serves requests well at once (what is too small costs CPU time), may not grow while the program starts, and
 * as much as it likes afterwards. V8 reads this flag whenever it would grow; a version that does not know it starts as
 * it always did. A few seconds after the start, when what was needed only for loading is garbage, the heap is compacted
 * once, which gives another 15 MB back for a pause of some tens of milliseconds.
 */
const ENOUGH_BYTES = 4 * 2 ** 20;
const START_MS = 10_000;
const SETTLED_MS = 5_000;
const MOST_OBJECTS = 400_000;
const LOOK_EVERY = 5_000;

export function startLean(): void {
  allowGrowth(4);
  const survivors: object[] = [];
  while (survivors.length < MOST_OBJECTS && (survivors.length % LOOK_EVERY !== 0 || youngBytes() < ENOUGH_BYTES)) {
    survivors.push({ survivor: survivors.length });
  }
  allowGrowth(1);
  setTimeout(compact, SETTLED_MS).unref();
  setTimeout(() => allowGrowth(2), START_MS).unref();
}

function compact(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  if (typeof collect === 'function') collect({ type: 'major', flavor: 'last-resort' });
}

function allowGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? ENOUGH_BYTES;
}
