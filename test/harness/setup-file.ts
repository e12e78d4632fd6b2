import { afterAll } from 'vitest';
import { killAllProcesses } from './processes.ts';
import { stopAllRedis } from './redis.ts';

/** Loaded before each cluster test file: what the file started ends with it. */
afterAll(async () => {
  await killAllProcesses();
  await stopAllRedis();
});

// A worker whose vitest is gone would keep its processes alive for nobody.
process.once('disconnect', () => process.exit(1));
