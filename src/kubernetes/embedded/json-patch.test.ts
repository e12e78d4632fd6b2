import { describe, expect, test } from 'vitest';
import { JsonPatchError, jsonPatch, type PatchOperation } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';

describe('JSON patch', () => {
  test.each<[string, unknown, PatchOperation[], unknown]>([
    ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds over a member', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
    ['inserts into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    ['appends to a list', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    ['removes from a list', { a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    ['replaces within a list', { a: [{ b: 1 }] }, [{ op: 'replace', path: '/a/0/b', value: 2 }], { a: [{ b: 2 }] }],
    ['reads ~1 and ~0', { 'a/b~c': 1 }, [{ op: 'replace', path: '/a~1b~0c', value: 2 }], { 'a/b~c': 2 }],
    ['replaces the whole', { a: 1 }, [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
    ['passes a test', { a: [1] }, [{ op: 'test', path: '/a', value: [1] }], { a: [1] }],
  ])('%s', (_, target, operations, expected) => {
    expect(jsonPatch(JSON.parse(JSON.stringify(target)), operations)).toEqual(expected);
  });

  test.each<[string, PatchOperation]>([
    ['a test of another value', { op: 'test', path: '/a/0', value: 2 }],
    ['removal of what is not there', { op: 'remove', path: '/b' }],
    ['replacement of what is not there', { op: 'replace', path: '/b', value: 1 }],
    ['an index beyond the list', { op: 'add', path: '/a/2', value: 1 }],
    ['an index that is none', { op: 'remove', path: '/a/01' }],
    ['a path through a scalar', { op: 'add', path: '/a/0/x', value: 1 }],
    ['a path without a slash', { op: 'add', path: 'a', value: 1 }],
    ['removal of the whole', { op: 'remove', path: '' }],
  ])('refuses %s', (_, operation) => {
    expect(() => jsonPatch({ a: [1] }, [operation])).toThrow(JsonPatchError);
  });

  test('a member named __proto__ is data', () => {
    const patched = jsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(Object.keys(Object(patched))).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });
});

// The examples of RFC 7386, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('merging into %j the patch %j gives %j', (target, patch, expected) => {
  expect(mergePatch(target, patch)).toEqual(expected);
});
