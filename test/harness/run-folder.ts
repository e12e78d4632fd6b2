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
const RUNS_KEPT = 5;

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
  const scratch = mkdtempSync(join(tmpdir(), 'crisp-mcp-test-'));
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

function linkLatest(runs: string, output: string): void {
  try {
    rmSync(join(runs, 'latest'), { force: true });
    symlinkSync(output, join(runs, 'latest'));
  } catch {
    // Two runs that start together race for a mere convenience.
  }
}
