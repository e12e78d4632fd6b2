import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestRunClaim, testRunClaim } from './test-run-claim.ts';

let folder: string;
let claim: TestRunClaim;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'claim-')), 'state');
  claim = testRunClaim(folder);
});

afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

/** The id of a process that is gone. */
function deadProcess(): number {
  return spawnSync('true').pid;
}

test('the first run has it, and leaves nothing when it gives it up', async () => {
  await claim.take(process.pid, () => {});
  expect(await claim.owner()).toBe(process.pid);
  await claim.release(process.pid);
  expect(existsSync(folder)).toBe(false);
});

test('a second run waits for the first', async () => {
  await claim.take(process.ppid, () => {});
  const waitedFor = await new Promise<number>((resolve) => {
    void claim.take(process.pid, resolve);
  });
  expect(waitedFor).toBe(process.ppid);
  await claim.release(process.ppid);
  await expect.poll(() => claim.owner()).toBe(process.pid);
});

test('a run that was killed loses it at once', async () => {
  await claim.take(deadProcess(), () => {});
  await claim.take(process.pid, () => {});
  expect(await claim.owner()).toBe(process.pid);
});

test('a file that was cut short belongs to nobody', async () => {
  await claim.take(process.pid, () => {});
  writeFileSync(join(folder, 'test-run'), '');
  await claim.take(process.pid, () => {});
  expect(await claim.owner()).toBe(process.pid);
});

test('nobody gives up what is not theirs', async () => {
  await claim.take(process.pid, () => {});
  await claim.release(process.ppid);
  expect(await claim.owner()).toBe(process.pid);
});
