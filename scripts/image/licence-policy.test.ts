import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLicenceAllowed, licenceViolations } from './licence-policy.ts';
import { productionPackages } from './production-packages.ts';

test('every production dependency has a licence that goes with Apache-2.0', async () => {
  expect(licenceViolations(await productionPackages(join(import.meta.dirname, '../..')))).toEqual([]);
});

test.each(['MIT', '(MIT OR GPL-3.0)', 'MIT OR Apache-2.0', 'MIT AND ISC', '(MIT)', '(BSD-3-Clause OR MIT)'])(
  '%s is allowed',
  (expression) => expect(isLicenceAllowed(expression)).toBe(true),
);

test.each([
  'UNKNOWN',
  '',
  'UNLICENSED',
  'GPL-3.0-only',
  'AGPL-3.0',
  'SSPL-1.0',
  'MIT AND GPL-2.0',
  '(GPL-2.0 OR LGPL-3.0)',
  'MIT AND (GPL-2.0 OR ISC)',
  '(MIT OR ISC) AND GPL-2.0',
  'GPL-2.0 WITH Classpath-exception-2.0',
  'SEE LICENSE IN LICENSE',
])('"%s" is refused', (expression) => {
  expect(isLicenceAllowed(expression)).toBe(false);
});

test('a refusal names the package and what to do', () => {
  const [sentence] = licenceViolations([{ name: 'x', version: '1.0.0', license: 'GPL-3.0-only' }]);
  expect(sentence).toMatch(/^x 1\.0\.0 is under "GPL-3\.0-only".*licence-policy\.ts/);
});
