import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Outcome } from './tally.ts';

/**
 * Runs the steps of a test run as processes, one after the other: what they print goes to the terminal and to the run's
 * output folder, where the leak search reads it too. {@link StepRunner.end} ends the present one, for an interrupted run.
 */
export interface StepRunner {
  /** One check; it passes when its program exits with 0. */
  check(name: string, argv: readonly string[]): Promise<Outcome>;
  /** One vitest project; an outcome a test. */
  vitest(project: string, extra: readonly string[]): Promise<Outcome[]>;
  end(): Promise<void>;
}

export interface StepRunnerOptions {
  root: string;
  output: string;
  /** Milliseconds after which a step is ended and has failed. */
  limit: number;
}

export function createStepRunner(options: StepRunnerOptions): StepRunner {
  const logs = join(options.output, 'run');
  mkdirSync(logs, { recursive: true });
  let present: { kill: () => void; ended: Promise<unknown> } | undefined;

  async function run(name: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
    const log = createWriteStream(join(logs, `${name}.log`));
    const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
    const child = spawn(process.execPath, [...argv], {
      cwd: options.root,
      env: { ...process.env, ...color, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        to.write(chunk);
        log.write(chunk);
      });
    }
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    present = { kill: () => child.kill('SIGTERM'), ended };
    const tooLong = setTimeout(() => {
      process.stderr.write(`${name} did not end within ${options.limit / 60_000} minutes\n`);
      child.kill('SIGKILL');
    }, options.limit);
    try {
      return await ended;
    } finally {
      clearTimeout(tooLong);
      present = undefined;
      log.end();
    }
  }

  return {
    async check(name, argv) {
      process.stdout.write(`\n> ${name}\n`);
      const code = await run(name, argv);
      if (code === 0) return { suite: 'check', name, state: 'passed' };
      return { suite: 'check', name, state: 'failed', reason: `exit code ${code}` };
    },
    async vitest(project, extra) {
      const results = join(logs, `${project}.json`);
      const vitest = join(options.root, 'node_modules/vitest/vitest.mjs');
      const reporters = ['--reporter=default', '--reporter=./scripts/test-run/vitest-reporter.ts'];
      const argv = [vitest, 'run', '--project', project, ...reporters, ...extra];
      const code = await run(project, argv, { CRISP_MCP_TEST_RESULTS: results });
      const outcomes = await readResults(results);
      const failed = outcomes.some((outcome) => outcome.state === 'failed');
      if (outcomes.length > 0 && (code === 0) !== failed) return outcomes;
      const reason = outcomes.length === 0 ? `no test ran (exit code ${code})` : `vitest ended with exit code ${code}`;
      return [...outcomes, { suite: project, name: 'the run of the suite', state: 'failed', reason }];
    },
    async end() {
      present?.kill();
      await present?.ended;
    },
  };
}

async function readResults(path: string): Promise<Outcome[]> {
  const text = await readFile(path, 'utf8').catch(() => '[]');
  return z.array(Outcome).parse(JSON.parse(text));
}
