import { expect, test } from 'vitest';
import { ReadyKeys } from './ready-keys.ts';

function taken(keys: ReadyKeys): string[] {
  const order: string[] = [];
  for (let next = keys.take(); next !== undefined; next = keys.take()) order.push(`${next.key} since ${next.since}`);
  return order;
}

test('keys come out in the order they came in, normal before low', () => {
  const keys = new ReadyKeys();
  keys.add({ key: 'a', priority: 'low', since: 1 });
  keys.add({ key: 'b', priority: 'normal', since: 2 });
  keys.add({ key: 'c', priority: 'low', since: 3 });
  keys.add({ key: 'd', priority: 'normal', since: 4 });
  expect(keys.size).toBe(4);
  expect(taken(keys)).toEqual(['b since 2', 'd since 4', 'a since 1', 'c since 3']);
  expect(keys.size).toBe(0);
});

test('a key added again keeps its place and its time; a higher priority moves it up, a lower one not down', () => {
  const keys = new ReadyKeys();
  for (const key of ['a', 'b', 'c']) keys.add({ key, priority: 'low', since: 1 });
  keys.add({ key: 'a', priority: 'low', since: 5 });
  keys.add({ key: 'c', priority: 'normal', since: 6 });
  keys.add({ key: 'c', priority: 'low', since: 7 });
  expect(keys.size).toBe(3);
  expect(taken(keys)).toEqual(['c since 1', 'a since 1', 'b since 1']);
});

test('a removed key does not come out', () => {
  const keys = new ReadyKeys();
  keys.add({ key: 'a', priority: 'normal', since: 1 });
  expect(keys.remove('a')).toEqual({ key: 'a', priority: 'normal', since: 1 });
  expect(keys.remove('a')).toBeUndefined();
  expect(taken(keys)).toEqual([]);
});
