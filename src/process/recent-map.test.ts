import { describe, expect, test } from 'vitest';
import { RecentMap } from './recent-map.ts';

function numbers(max: number) {
  const dropped: string[] = [];
  const map = new RecentMap<string, number>({ max, dropped: (_value, key) => dropped.push(key) });
  return { map, dropped };
}

describe('a map of what was used of late', () => {
  test('never holds more than it may, and at least the newest half', () => {
    const { map, dropped } = numbers(10);
    for (let count = 0; count < 1_000; count++) {
      map.set(`key ${count}`, count);
      expect(map.size).toBeLessThanOrEqual(10);
    }
    for (let count = 995; count < 1_000; count++) expect(map.get(`key ${count}`)).toBe(count);
    expect(dropped.length + map.size).toBe(1_000);
  });

  test('keeps what is used while others come and go', () => {
    const { map } = numbers(10);
    map.set('used', 1);
    for (let count = 0; count < 1_000; count++) {
      map.set(`key ${count}`, count);
      expect(map.get('used')).toBe(1);
    }
  });

  test('says what it drops or deletes, but not what it replaces or clears', () => {
    const { map, dropped } = numbers(2);
    map.set('a', 1);
    map.set('a', 2);
    map.set('b', 3);
    map.set('b', 4);
    expect(dropped).toEqual([]);
    map.set('c', 5);
    expect(dropped).toEqual(['a']);
    map.delete('b');
    map.delete('b');
    expect(dropped).toEqual(['a', 'b']);
    map.clear();
    expect([map.size, map.get('c'), dropped]).toEqual([0, undefined, ['a', 'b']]);
  });

  test('replaces a value of the older half', () => {
    const { map } = numbers(4);
    for (const key of ['a', 'b', 'c']) map.set(key, 1);
    map.set('a', 2);
    expect([map.get('a'), map.size]).toEqual([2, 3]);
  });
});
