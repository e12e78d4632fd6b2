import { expect, test } from 'vitest';
import { releaseNotes } from './notes.ts';

const CHANGELOG = `# Changelog

## Unreleased

## [1.1.0] - 2026-12-01

### Added

- B.

## 1.0.0 - 2026-11-01

- A.
`;

test('the section of a version, up to the next', () => {
  expect(releaseNotes(CHANGELOG, '1.1.0')).toBe('### Added\n\n- B.\n');
});

test('the last section, to the end', () => {
  expect(releaseNotes(CHANGELOG, '1.0.0')).toBe('- A.\n');
});

test.each(['1.0', '2.0.0', ''])('"%s" has none, and the remedy is named', (version) => {
  expect(() => releaseNotes(CHANGELOG, version)).toThrow('Remedy: rename "Unreleased"');
});

test('an empty section is refused', () => {
  expect(() => releaseNotes(CHANGELOG, 'Unreleased')).toThrow('is empty');
});
