import { describe, expect, test } from 'vitest';
import { closingLines, hasPassed, judgeSkips, type Outcome } from './tally.ts';

const passed: Outcome = { suite: 'unit', name: 'adds', state: 'passed' };
const failed: Outcome = { suite: 'cluster', name: 'expires', state: 'failed', reason: 'expected 404\n  at line 3' };
const skipped: Outcome = { suite: 'cluster', name: 'has Pods', state: 'skipped', reason: 'needs Linux' };

describe('the closing lines', () => {
  test('are the counts alone when all passed', () => {
    expect(closingLines([passed, passed])).toEqual(['2 passed, 0 failed']);
  });

  test('name each failure and each skip with its reason, counts last', () => {
    expect(closingLines([passed, failed, skipped])).toEqual([
      'Failed:',
      '  cluster: expires (expected 404)',
      '',
      'Skipped:',
      '  cluster: has Pods (needs Linux)',
      '',
      '1 passed, 1 failed, 1 skipped',
    ]);
  });
});

test.each([
  ['passes when something passed and nothing failed', [passed, skipped], true],
  ['fails when one failed', [passed, failed], false],
  ['fails when nothing was tested', [], false],
  ['fails when everything was skipped', [skipped], false],
])('a run %s', (_name, outcomes, expected) => {
  expect(hasPassed(outcomes)).toBe(expected);
});

test('a skip without a reason counts as failed', () => {
  expect(judgeSkips([{ suite: 'unit', name: 'x', state: 'skipped' }, skipped])).toMatchObject([
    { state: 'failed', reason: expect.stringContaining('without a reason') },
    { state: 'skipped' },
  ]);
});
