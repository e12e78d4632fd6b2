import { z } from 'zod';

/** The outcome of a test run, summed over its suites, and its closing lines. Pure. */
export const Outcome = z.object({
  suite: z.string(),
  name: z.string(),
  state: z.enum(['passed', 'failed', 'skipped']),
  /** Why it was skipped, or the first words of the failure. */
  reason: z.string().optional(),
});
export type Outcome = z.infer<typeof Outcome>;

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function tally(outcomes: readonly Outcome[]): Tally {
  const count = (state: Outcome['state']): number => outcomes.filter((outcome) => outcome.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** A run that tested nothing has not passed. */
export function hasPassed(outcomes: readonly Outcome[]): boolean {
  const { passed, failed } = tally(outcomes);
  return failed === 0 && passed > 0;
}

/** A skip must say why: one that does not (a forgotten `.only`, a bare `.skip`) counts as failed. */
export function judgeSkips(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.map((outcome) =>
    outcome.state === 'skipped' && !outcome.reason
      ? { ...outcome, state: 'failed', reason: 'skipped without a reason: use context.skip("why")' }
      : outcome,
  );
}

/** Failures, skips with their reasons, and at the very end the line that programs read. */
export function closingLines(outcomes: readonly Outcome[]): string[] {
  const { passed, failed, skipped } = tally(outcomes);
  const counts = `${passed} passed, ${failed} failed`;
  return [
    ...section('Failed:', outcomes, 'failed'),
    ...section('Skipped:', outcomes, 'skipped'),
    skipped === 0 ? counts : `${counts}, ${skipped} skipped`,
  ];
}

function section(title: string, outcomes: readonly Outcome[], state: Outcome['state']): string[] {
  const lines = outcomes
    .filter((outcome) => outcome.state === state)
    .map(({ suite, name, reason }) => `  ${suite}: ${name}${reason ? ` (${reason.split('\n')[0]})` : ''}`);
  return lines.length === 0 ? [] : [title, ...lines, ''];
}
