import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where a test run leaves things, shared by all its processes through two environment variables. `outputFolder` is kept
 * and is what the leak search reads: logs, metrics, events, resources, Redis dumps. `scratchFolder` is for what holds
 * secrets by nature (kubeconfigs, etcd's data, the register of issued secrets) and is removed at the end of the run.
 */
export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const OUTPUT = 'CRISP_MCP_TEST_OUTPUT';
const SCRATCH = 'CRISP_MCP_TEST_SCRATCH';
const SCRATCH_PREFIX = 'crisp-mcp-test-';
const RUNS_KEPT = 10;

export function outputFolder(): string {
  return process.env[OUTPUT] ?? createRunFolders().output;
}

export function scratchFolder(): string {
  return process.env[SCRATCH] ?? createRunFolders().scratch;
}

/** True in a process whose run was opened by an outer one, which then also closes it. */
export function runIsOpen(): boolean {
  return process.env[OUTPUT] !== undefined;
}

export interface RunFolders {
  readonly output: string;
  readonly scratch: string;
}

export function createRunFolders(): RunFolders {
  const runs = join(PROJECT_ROOT, 'test-output');
  mkdirSync(runs, { recursive: true });
  removeOldRuns(runs);
  const stamp = new Date().toISOString().replaceAll(':', '').replace(/\..*/, 'Z');
  const output = mkdtempSync(join(runs, `${stamp}-`));
  removeOrphanedScratch();
  const scratch = mkdtempSync(join(tmpdir(), `${SCRATCH_PREFIX}${process.pid}-`));
  process.env[OUTPUT] = output;
  process.env[SCRATCH] = scratch;
  linkLatest(runs, output);
  return { output, scratch };
}

export function removeScratchFolder(): void {
  const scratch = process.env[SCRATCH];
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}

function removeOldRuns(runs: string): void {
  const stamped = readdirSync(runs)
    .filter((name) => /^\d{4}-/.test(name))
    .sort();
  for (const name of stamped.slice(0, -RUNS_KEPT)) rmSync(join(runs, name), { recursive: true, force: true });
}

/** A run that was killed could not remove its own: its name holds the process id that tells. */
function removeOrphanedScratch(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(SCRATCH_PREFIX) ? Number.parseInt(name.slice(SCRATCH_PREFIX.length), 10) : Number.NaN;
    if (!Number.isNaN(owner) && !isAlive(owner)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function linkLatest(runs: string, output: string): void {
  try {
    rmSync(join(runs, 'latest'), { force: true });
    symlinkSync(output, join(runs, 'latest'));
  } catch {
    // Two runs that start together race for a mere convenience.
  }
}
