import { expect, test } from 'vitest';
import { differences } from './object-patch.ts';

test('what is equal needs nothing', () => {
  expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
});

test('each difference is named where it is', () => {
  const from = { spec: { replicas: 2, env: [{ name: 'A', value: '1' }], old: true, list: [1] } };
  const to = { spec: { replicas: 1, env: [{ name: 'A', value: '2' }], list: [1, 2], 'x/y~z': 1 } };
  expect(differences(from, to)).toEqual([
    { op: 'replace', path: '/spec/replicas', value: 1 },
    { op: 'replace', path: '/spec/env/0/value', value: '2' },
    { op: 'remove', path: '/spec/old' },
    { op: 'replace', path: '/spec/list', value: [1, 2] },
    { op: 'add', path: '/spec/x~1y~0z', value: 1 },
  ]);
});
