import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.mjs';

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  lock = join(folder, 'deep/lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('two holders never work at the same time', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
  expect(most).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test('the lock goes also when the work fails, and the failure is passed on', async () => {
  await expect(withLock(lock, () => Promise.reject(new Error('no space left')))).rejects.toThrow('no space left');
  expect(existsSync(lock)).toBe(false);
});

test('a holder that died is not waited for', async () => {
  mkdirSync(lock, { recursive: true });
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(lock, longAgo, longAgo);
  expect(await withLock(lock, async () => 'worked')).toBe('worked');
});

test('a holder that works longer than the stale limit keeps its lock', async () => {
  let released = false;
  const long = withLock(
    lock,
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      released = true;
    },
    { staleAfter: 200 },
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  const sawReleased = await withLock(lock, async () => released, { staleAfter: 200 });
  await long;
  expect(sawReleased).toBe(true);
});

test('a holder that never ends is named after the limit', async () => {
  mkdirSync(lock, { recursive: true });
  await expect(withLock(lock, async () => {}, { waitLimit: 50 })).rejects.toThrow(/deep\/lock has been held/);
});
