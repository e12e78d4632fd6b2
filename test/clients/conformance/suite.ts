import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputFolder } from '../../harness/run-folder.ts';

/**
 * Runs the official conformance suite's program against a URL and reads how it ended. What it writes goes to the run's
 * output folder. Like any foreign program it is ended when it takes too long.
 */
export interface SuiteRun {
  readonly exitCode: number;
  readonly output: string;
}

export interface SuiteOptions {
  /** `node_modules` that hold the suite. */
  modules: string;
  url: string;
  /** As on its command line: `['--requirements', '2026-07-28']`. */
  what: readonly string[];
  /** `scenario` or `scenario:check`: what is known to fail, and must. */
  expectedFailures?: readonly string[];
}

const PATIENCE = 90_000;
let runs = 0;

export async function runSuite({ modules, url, what, expectedFailures }: SuiteOptions): Promise<SuiteRun> {
  runs += 1;
  const folder = join(outputFolder(), 'conformance', `${runs}-${what.join('-').replace(/[^\w.-]/g, '')}`);
  await mkdir(folder, { recursive: true });
  const baseline = join(folder, 'expected-failures.yml');
  const failures = (expectedFailures ?? []).map((name) => `  - ${name}\n`).join('');
  if (failures !== '') await writeFile(baseline, `server:\n${failures}`);
  const program = join(modules, '@modelcontextprotocol/conformance/dist/index.js');
  const excused = failures === '' ? [] : ['--expected-failures', baseline];
  const child = spawn(process.execPath, [program, 'server', '--url', url, ...what, ...excused, '-o', folder], {
    env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  clearTimeout(tooLong);
  return { exitCode, output };
}
