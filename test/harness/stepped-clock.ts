import { readFileSync } from 'node:fs';

/**
 * Loaded into a process before its program (`NODE_OPTIONS=--import=…`): on SIGUSR2 the wall clock is set off by as many
 * milliseconds as the file named in TEST_CLOCK_FILE says, as a badly set machine's is. The monotonic clock and timers go
 * on as before.
 */
const trueNow = Date.now;
let offset = 0;
const read = () => {
  offset = Number(readFileSync(process.env.TEST_CLOCK_FILE ?? '', 'utf8'));
};
read();
process.on('SIGUSR2', read);
Date.now = () => trueNow() + offset;
