import { expect, test } from 'vitest';
import { parseCommandLine, SUITES } from './command-line.ts';

test.each([
  ['nothing: every suite', [], { suites: SUITES, vitestArguments: [] }],
  ['one suite', ['--only', 'cluster'], { suites: ['cluster'], vitestArguments: [] }],
  ['two, in running order', ['--only=unit,check'], { suites: ['check', 'unit'], vitestArguments: [] }],
  ['an optional one', ['--only', 'claude-code'], { suites: ['claude-code'], vitestArguments: [] }],
  [
    'the rest for vitest',
    ['--only', 'cluster', 'test/e2e/x.test.ts', '-t', '404'],
    { suites: ['cluster'], vitestArguments: ['test/e2e/x.test.ts', '-t', '404'] },
  ],
])('the command line takes %s', (_name, argv, expected) => {
  expect(parseCommandLine(argv)).toMatchObject(expected);
});

test('an unknown suite is an error that lists the known ones', () => {
  expect(() => parseCommandLine(['--only', 'e2e'])).toThrow(
    /no suite "e2e".*check, unit, surface, simulation, clients, image, chart, cluster/s,
  );
});
