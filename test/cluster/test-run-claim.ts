import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * One test run at a time has the cluster: a file that names the process of the run. Another run waits for it; a run that
 * was killed loses it, for its process is gone.
 */
export interface TestRunClaim {
  /** Waits until no other run has it. */
  take(pid: number, onWait: (pid: number) => void): Promise<void>;
  /** The process that has it; `undefined` when nobody does. It may be gone. */
  owner(): Promise<number | undefined>;
  /** Gives it up, if it is that process's. */
  release(pid: number): Promise<void>;
}

export function testRunClaim(stateFolder: string): TestRunClaim {
  const file = join(stateFolder, 'test-run');
  const owner = async (): Promise<number | undefined> => {
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  };
  return {
    owner,
    async take(pid, onWait) {
      for (let round = 0; ; round += 1) {
        if (await create(file, pid)) return;
        const other = await owner();
        if (other === undefined || !isAlive(other)) await removeStale(file, pid);
        else {
          if (round % 150 === 0) onWait(other);
          await sleep(200);
        }
      }
    },
    async release(pid) {
      if ((await owner()) !== pid) return;
      await rm(file, { force: true });
      await rmdir(stateFolder).catch(() => {});
    },
  };
}

async function create(file: string, pid: number): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, String(pid), { flag: 'wx' });
    return true;
  } catch (error) {
    // Without its folder the former owner has just gone.
    if (error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOENT')) return false;
    throw error;
  }
}

/** Renamed first: of several that find it stale, one succeeds, and none removes what another has just written. */
async function removeStale(file: string, pid: number): Promise<void> {
  const aside = `${file}.${pid}`;
  await rename(file, aside).catch(() => {});
  await rm(aside, { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
