import { expect, test } from 'vitest';
import { isPackageFileNeeded } from './package-files.ts';

test.each([
  'index.js',
  'lib/a.cjs',
  'data.json',
  'a.node',
  'a.wasm',
  'LICENSE',
  'UNLICENSE',
  'License.txt',
  'NOTICE',
  'dist/doc/x.js',
])('%s is needed', (path) => expect(isPackageFileNeeded(path, false)).toBe(true));

test.each([
  'index.d.ts',
  'index.d.cts',
  'src/a.ts',
  'a.js.map',
  'README.md',
  'prebuilds/linux-x64/a.node',
  'binding.c',
  '.npmignore',
])('%s is not', (path) => expect(isPackageFileNeeded(path, false)).toBe(false));

test.each(['test', 'v4/core/tests', 'node_modules', '__tests__', 'benchmarks'])(
  'the folder %s is not entered',
  (path) => {
    expect(isPackageFileNeeded(path, true)).toBe(false);
  },
);

test.each(['dist', 'lib/doc', 'v4'])('the folder %s is entered', (path) => {
  expect(isPackageFileNeeded(path, true)).toBe(true);
});
