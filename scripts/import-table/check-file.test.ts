import { describe, expect, test } from 'vitest';
import { checkFile } from './check-file.ts';

const packages = {
  dependencies: new Set(['undici', '@kubernetes/client-node']),
  devDependencies: new Set(['vitest', '@types/node']),
};

function messages(path: string, text: string): string[] {
  return checkFile(path, text, packages).map((violation) => violation.message);
}

describe('the import table allows', () => {
  test.each([
    ['a file of the same room', 'src/gateway/a.ts', "import { b } from './b.ts';"],
    ['a room that the table names', 'src/gateway/a.ts', "import { b } from '../routes/b.ts';"],
    ['src/process, for all', 'src/resources/a.ts', "import { b } from '../process/b.ts';"],
    ['types where the table says types', 'src/routes/a.ts', "import type { B } from '../catalog/b.ts';"],
    ['inline types too', 'src/routes/a.ts', "import { type B } from '../catalog/b.ts';"],
    ['everything in src/main.ts', 'src/main.ts', "import { b } from './gateway/b.ts';"],
    ['everything in src/cli', 'src/cli/a.ts', "import { b } from '../gateway/b.ts';"],
    ['a dependency, also a part of it', 'src/crisp/a.ts', "import 'undici/x'; import '@kubernetes/client-node';"],
    ['a development dependency in a test', 'src/crisp/a.test.ts', "import 'vitest';"],
    ['test helpers in a test', 'src/crisp/a.test.ts', "import '../../test/harness/eventually.ts';"],
  ])('%s', (_what, path, text) => {
    expect(messages(path, text)).toEqual([]);
  });
});

describe('the import table refuses', () => {
  test.each([
    [
      'a room that is not named',
      'src/gateway/a.ts',
      "import { b } from '../operator/b.ts';",
      'must not import src/operator',
    ],
    [
      'a value where types are allowed',
      'src/routes/a.ts',
      "import { b } from '../catalog/b.ts';",
      'only types of src/catalog',
    ],
    ['a re-export', 'src/crisp/a.ts', "export { b } from '../gateway/b.ts';", 'must not import src/gateway'],
    ['a dynamic import', 'src/crisp/a.ts', "await import('../gateway/b.ts');", 'must not import src/gateway'],
    [
      'a type written as import()',
      'src/crisp/a.ts',
      "let b: import('../gateway/b.ts').B;",
      'must not import src/gateway',
    ],
    ['another room in a test', 'src/crisp/a.test.ts', "import '../gateway/b.ts';", 'must not import src/gateway'],
    ['anything in src/process', 'src/process/a.ts', "import '../resources/b.ts';", 'must not import src/resources'],
    [
      'test/ in a program',
      'src/crisp/a.ts',
      "import '../../test/harness/redis.ts';",
      'must not import test/harness/redis.ts',
    ],
    ['a development dependency in a program', 'src/crisp/a.ts', "import 'vitest';", 'development dependency'],
    ['a package that is not listed', 'src/crisp/a.ts', "import 'left-pad';", 'not a dependency'],
    ['a room that the table does not know', 'src/attic/a.ts', '', 'not in the import table'],
  ])('%s', (_what, path, text, message) => {
    expect(messages(path, text)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'Date.now()',
    'new Date()',
    'performance.now()',
    'Math.random()',
  ])('%s where time and chance are injected', (text) => {
    expect(messages('src/operator/a.ts', text)).toEqual([expect.stringContaining('injected clock')]);
    expect(messages('src/cli/a.ts', text)).toEqual([]);
    expect(messages('src/operator/a.test.ts', text)).toEqual([]);
  });

  test('naming the line', () => {
    expect(checkFile('src/crisp/a.ts', "import 'undici';\n\nimport '../gateway/b.ts';", packages)).toMatchObject([
      { line: 3 },
    ]);
  });
});
