import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import type { Outcome } from './tally.ts';

/**
 * Writes the outcome of every test of a vitest run as JSON to the file that `CRISP_MCP_TEST_RESULTS` names, for the sum
 * over all suites. A file that failed to load, a failed hook and an error outside of any test are outcomes too.
 */
export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const path = process.env.CRISP_MCP_TEST_RESULTS;
    if (path === undefined) return;
    const outcomes = modules.flatMap(outcomesOf);
    for (const error of unhandled) {
      outcomes.push({ suite: 'vitest', name: 'an error outside of any test', state: 'failed', reason: error.message });
    }
    writeFileSync(path, JSON.stringify(outcomes));
  }
}

function outcomesOf(module: TestModule): Outcome[] {
  const suite = module.project.name;
  const errors = [module.errors(), ...[...module.children.allSuites()].map((one) => one.errors())].flat();
  const outcomes = [...module.children.allTests()].map((test) => outcomeOf(suite, test, errors.length > 0));
  const failedUnnamed = !module.ok() && !outcomes.some((outcome) => outcome.state === 'failed');
  if (errors.length > 0 || failedUnnamed) {
    const reason = errors[0]?.message ?? 'no reason is known';
    outcomes.push({ suite, name: module.relativeModuleId, state: 'failed', reason });
  }
  return outcomes;
}

function outcomeOf(suite: string, test: TestCase, setUpFailed: boolean): Outcome {
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  const result = test.result();
  if (result.state === 'passed') return { suite, name, state: 'passed' };
  if (result.state === 'failed') return { suite, name, state: 'failed', reason: result.errors[0]?.message ?? '' };
  if (result.state === 'skipped')
    return { suite, name, state: 'skipped', reason: result.note ?? (setUpFailed ? 'its set-up failed' : '') };
  return { suite, name, state: 'failed', reason: 'it did not finish' };
}
