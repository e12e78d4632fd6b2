import { describe, expect, it } from 'vitest';
import { mergePatchBetween } from './status-writer.ts';

describe('the patch between two statuses', () => {
  it.each([
    ['equal but for the order of keys', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, undefined],
    ['a changed field', { a: 1, b: 2 }, { a: 1, b: 3 }, { b: 3 }],
    ['a field that goes', { a: 1, b: 2 }, { a: 1 }, { b: null }],
    ['a changed list, replaced whole', { a: [1, 2] }, { a: [1] }, { a: [1] }],
    ['a field inside', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
  ])('of %s', (_what, before, after, patch) => {
    expect(mergePatchBetween(before, after)).toEqual(patch);
  });
});
