/**
 * Which licences a production dependency may have: those that may be passed on together with Apache-2.0 without asking
 * more of whoever uses the image than to keep the notices. What is not listed is refused, also a new one that would do:
 * somebody has to read it first.
 */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** For the SPDX expressions that npm packages use: one identifier, or several with OR and AND, in parentheses or not. */
export function isLicenceAllowed(expression: string): boolean {
  const words = expression.replaceAll(/[()]/g, ' ').trim();
  if (words === '' || /\bWITH\b/.test(words)) return false;
  // With parentheses OR and AND may bind otherwise than below; then all of them must be allowed.
  const nested = /\(.*\b(?:OR|AND)\b.*\).*\b(?:OR|AND)\b|\b(?:OR|AND)\b.*\(/.test(expression);
  const alternatives = nested
    ? [words.split(/\s+(?:OR|AND)\s+/)]
    : words.split(/\s+OR\s+/).map((part) => part.split(/\s+AND\s+/));
  return alternatives.some((all) => all.every((licence) => ALLOWED.has(licence.trim())));
}

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** A sentence a package that is refused. */
export function licenceViolations(packages: readonly Licensed[]): string[] {
  return packages
    .filter((item) => !isLicenceAllowed(item.license))
    .map(
      (item) =>
        `${item.name} ${item.version} is under "${item.license}", which nobody has allowed yet: ` +
        'read it and add it to scripts/image/licence-policy.ts, or use another package',
    );
}
