import { setFlagsFromString } from 'node:v8';

/**
 * Loading a program makes garbage at a rate that no request does, and V8 answers by growing its young generation, which
 * it hardly gives back: an idle gateway would hold 40 MB more for its whole life. So it may not grow while the program
 * starts, and as much as it likes afterwards. V8 reads this flag whenever it would grow; a version that does not know it
 * starts as it always did.
 */
const START_MS = 10_000;

export function startLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setTimeout(() => setFlagsFromString('--semi-space-growth-factor=2'), START_MS).unref();
}
