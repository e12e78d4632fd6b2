import { relative } from 'node:path';
import { chooseCluster } from '../test/cluster/choose.ts';
import { issuedSecrets } from '../test/harness/issued-secrets.ts';
import { describeLeaks, searchLeaks } from '../test/harness/leak-search.ts';
import { createRunFolders, PROJECT_ROOT, removeScratchFolder } from '../test/harness/run-folder.ts';
import { findChartTool } from './binaries/chart-tools.ts';
import { CLAUDE_CODE_VARIABLE, findClaudeCode } from './binaries/claude-code.ts';
import { prepareClients } from './binaries/clients.ts';
import { findBinaries } from './binaries/find.ts';
import { findNodePrograms } from './binaries/node-programs.ts';
import { findSystemPrograms } from './binaries/packages.ts';
import { findRedis } from './binaries/redis.ts';
import { SetupError } from './bootstrap/setup-error.mjs';
import { type CommandLine, parseCommandLine, type Suite, USAGE, UsageError } from './test-run/command-line.ts';
import { createStepRunner, type StepRunner } from './test-run/steps.ts';
import { closingLines, hasPassed, judgeSkips, type Outcome } from './test-run/tally.ts';

/**
 * The test run: real parts first (what is missing takes longest), then checks, unit tests, the whole surface, simulation,
 * other people's clients, the chart, cluster tests, real Pods, and last the search for secrets in all that the run wrote. One failed step does not hide the
 * next. The very last line is `N passed, N failed`, with `, N skipped` when some were.
 */
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['generated files', ['scripts/generate.ts', '--check']],
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ['lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
  ['import table', ['scripts/check-imports.ts']],
];
const STEP_LIMIT = 40 * 60_000;

async function main(): Promise<number> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.help) {
    console.log(USAGE);
    return 0;
  }
  const { output } = createRunFolders();
  const runner = createStepRunner({ root: PROJECT_ROOT, output, limit: STEP_LIMIT });
  endWhenInterrupted(runner);
  try {
    const outcomes = await runSuites(commandLine, runner);
    outcomes.push(await leakSearch(output));
    // A name filter skips all the others; those are no skips to explain.
    const judged =
      commandLine.vitestArguments.length === 0
        ? judgeSkips(outcomes)
        : outcomes.filter((outcome) => outcome.state !== 'skipped' || outcome.reason);
    console.log(`\nWhat this run wrote: ${relative(process.cwd(), output)}\n`);
    for (const line of closingLines(judged)) console.log(line);
    return hasPassed(judged) ? 0 : 1;
  } finally {
    removeScratchFolder();
  }
}

async function runSuites({ suites, vitestArguments }: CommandLine, runner: StepRunner): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const parts = suites.includes('cluster') || suites.includes('chart') ? await prepareRealParts() : undefined;
  const chartTools = suites.includes('chart') ? await prepareChartTools() : undefined;
  const clients = suites.includes('clients') ? await prepareExternalClients() : undefined;
  const pods = suites.includes('pods') ? await preparePods(suites) : undefined;
  const claude = suites.includes('claude-code') ? await prepareClaudeCode() : undefined;
  const missing: Partial<Record<Suite, Outcome>> = {
    ...(parts === undefined ? {} : { cluster: parts, chart: { ...parts, suite: 'chart' } }),
    ...(chartTools === undefined ? {} : { chart: chartTools }),
    ...(clients === undefined ? {} : { clients }),
    ...(pods === undefined ? {} : { pods }),
    ...(claude === undefined ? {} : { 'claude-code': claude }),
  };
  for (const suite of suites) outcomes.push(...[missing[suite]].filter((outcome) => outcome !== undefined));
  for (const suite of suites) {
    if (suite === 'check') {
      for (const [name, argv] of CHECKS) outcomes.push(await runner.check(name, argv));
    } else if (missing[suite] === undefined) {
      outcomes.push(...(await runner.vitest(suite, vitestArguments)));
    }
  }
  return outcomes;
}

/** Returns what failed, with the remedy on the screen; the other suites run all the same. */
async function prepareRealParts(): Promise<Outcome | undefined> {
  try {
    await findBinaries();
    await findRedis();
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n`);
    return { suite: 'cluster', name: 'the real parts that the suite runs on', state: 'failed', reason: error.message };
  }
}

async function prepareChartTools(): Promise<Outcome | undefined> {
  try {
    await findChartTool('helm');
    await findChartTool('kubeconform');
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n`);
    return { suite: 'chart', name: 'the programs that judge the chart', state: 'failed', reason: error.message };
  }
}

async function prepareExternalClients(): Promise<Outcome | undefined> {
  try {
    await prepareClients();
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n`);
    return {
      suite: 'clients',
      name: 'the MCP clients that the suite tests with',
      state: 'failed',
      reason: error.message,
    };
  }
}

async function prepareClaudeCode(): Promise<Outcome | undefined> {
  try {
    process.env[CLAUDE_CODE_VARIABLE] = await findClaudeCode();
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n`);
    return {
      suite: 'claude-code',
      name: 'the program that the suite tests with',
      state: 'failed',
      reason: error.message,
    };
  }
}

/**
 * The cluster that has Pods. A run of everything takes the machine's own node, which needs no engine; by itself the suite
 * takes what the harness finds.
 */
async function preparePods(suites: readonly Suite[]): Promise<Outcome | undefined> {
  if (suites.length > 1 && !process.env.CRISP_MCP_TEST_KUBECONFIG) process.env.CRISP_MCP_TEST_CLUSTER ||= 'node';
  const outcome = { suite: 'pods', name: 'the cluster that the suite runs on' } as const;
  try {
    const cluster = await chooseCluster({ say: () => {} });
    const reason = await cluster.whyNot();
    if (reason !== undefined) {
      console.error(`\nThe tests on real Pods cannot run here: ${reason}.\n`);
      return { ...outcome, state: 'skipped', reason };
    }
    await findBinaries();
    await findChartTool('helm');
    if (cluster.kind === 'node') {
      await findNodePrograms();
      await findSystemPrograms();
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}\n`);
    return { ...outcome, state: 'failed', reason: error.message };
  }
}

async function leakSearch(output: string): Promise<Outcome> {
  const secrets = issuedSecrets();
  const leaks = await searchLeaks(output, secrets);
  const name = `none of the ${secrets.length} secrets that this run issued is in what it wrote`;
  if (leaks.length === 0) return { suite: 'leak search', name, state: 'passed' };
  console.error(`\nSecrets of this run were found in ${output}:\n${describeLeaks(leaks)}`);
  return { suite: 'leak search', name, state: 'failed', reason: `${leaks.length} leaks, listed above` };
}

function endWhenInterrupted(runner: StepRunner): void {
  const end = (signal: NodeJS.Signals, code: number): void => {
    process.once(signal, () => {
      console.error(`\nInterrupted (${signal}).`);
      const limit = new Promise((resolve) => setTimeout(resolve, 10_000));
      void Promise.race([runner.end(), limit]).finally(() => {
        removeScratchFolder();
        process.exit(code);
      });
    });
  };
  end('SIGINT', 130);
  end('SIGTERM', 143);
  end('SIGHUP', 129);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
