import { parseArgs } from 'node:util';

/**
 * The flags of `npm test`: `--only cluster,unit` chooses suites; `--help`. Everything else goes to vitest, as in
 * `npm test -- --only cluster test/e2e/expiry.test.ts -t "404"`.
 */
export const SUITES = [
  'check',
  'unit',
  'surface',
  'simulation',
  'clients',
  'image',
  'chart',
  'cluster',
  'pods',
] as const;
/** Run only when they are named. */
const OPTIONAL_SUITES = ['claude-code'] as const;
export type Suite = (typeof SUITES)[number] | (typeof OPTIONAL_SUITES)[number];

export interface CommandLine {
  readonly suites: readonly Suite[];
  readonly vitestArguments: readonly string[];
  readonly help: boolean;
}

export const USAGE = `npm test [-- [--only SUITE[,SUITE]] [vitest's arguments]]

Suites: ${SUITES.join(', ')}; all of them unless told. By name only: ${OPTIONAL_SUITES.join(', ')}. Environment variables: docs/development.md.`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export function parseCommandLine(argv: readonly string[]): CommandLine {
  const options = { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } as const;
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const own = tokens.filter((token) => token.kind === 'option' && (token.name === 'only' || token.name === 'help'));
  const only = own.flatMap((token) => (token.kind === 'option' && token.name === 'only' ? [token.value ?? ''] : []));
  const taken = new Set(own.flatMap((token) => indexesOf(token)));
  return {
    suites: only.length === 0 ? SUITES : chosenSuites(only),
    vitestArguments: argv.filter((_argument, index) => !taken.has(index)),
    help: own.some((token) => token.kind === 'option' && token.name === 'help'),
  };
}

function indexesOf(token: { index: number; value?: string | undefined; inlineValue?: boolean | undefined }): number[] {
  return token.value === undefined || token.inlineValue ? [token.index] : [token.index, token.index + 1];
}

function chosenSuites(only: readonly string[]): Suite[] {
  const all: readonly Suite[] = [...SUITES, ...OPTIONAL_SUITES];
  const names = new Set(only.flatMap((value) => value.split(',')).map((name) => name.trim()));
  for (const name of names) {
    if (!all.some((suite) => suite === name)) throw new UsageError(`There is no suite "${name}".\n\n${USAGE}`);
  }
  return all.filter((suite) => names.has(suite));
}
