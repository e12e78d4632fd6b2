import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MODULE = new URL('young-generation.ts', import.meta.url).href;

/** Keeps a few thousand objects, each for a while, until V8 has had hundreds of reasons to grow; then prints its sizes. */
const PROGRAM = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { PerformanceObserver } from 'node:perf_hooks';
  import { sizeYoungGeneration } from ${JSON.stringify(MODULE)};

  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
  sizeYoungGeneration();
  const started = performance.now();
  const kept = [];
  let count = 0;
  let loading = 0;
  let later = 0;
  let collections = 0;
  new PerformanceObserver((list) => {
    if (performance.now() - started < 4_000) loading = Math.max(loading, size());
    else later = Math.max(later, size());
    if (performance.now() - started > 6_000) collections += list.getEntries().length;
  }).observe({ entryTypes: ['gc'] });
  const churning = setInterval(() => {
    for (let times = 0; times < 20_000; times++) kept[count++ % 50_000] = { count, more: [count] };
    if (collections < 200) return;
    clearInterval(churning);
    console.log(JSON.stringify({ loading: loading / 2 ** 20, later: later / 2 ** 20 }));
  }, 1);
`;

/** The program counts as loaded after 5 seconds. */
const PATIENCE_MS = 60_000;

test('the young generation stays small while the program loads, and is bounded later', {
  timeout: PATIENCE_MS,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM]);
  const { loading, later } = JSON.parse(stdout);
  expect(loading).toBeLessThanOrEqual(8);
  expect(later).toBe(32);
});
