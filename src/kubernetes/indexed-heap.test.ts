import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedHeap } from './indexed-heap.ts';

type Step = { do: 'set'; key: string; rank: number } | { do: 'delete'; key: string } | { do: 'pop' };

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('set' as const), key: keys, rank: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ do: fc.constant('delete' as const), key: keys }),
    fc.record({ do: fc.constant('pop' as const) }),
  ),
  { maxLength: 60 },
);

/** A list kept sorted by rank, then by the order of the last `set`. */
class SortedList {
  #order = 0;
  entries: { key: string; rank: number; order: number }[] = [];

  apply(step: Step): string | undefined {
    if (step.do === 'pop') return this.entries.shift()?.key;
    this.entries = this.entries.filter((entry) => entry.key !== step.key);
    if (step.do === 'set') this.entries.push({ key: step.key, rank: step.rank, order: this.#order++ });
    this.entries.sort((a, b) => a.rank - b.rank || a.order - b.order);
    return undefined;
  }
}

function applyToHeap(heap: IndexedHeap, step: Step): string | undefined {
  if (step.do === 'pop') return heap.pop()?.key;
  if (step.do === 'set') heap.set(step.key, step.rank);
  else heap.delete(step.key);
  return undefined;
}

test('a heap yields what a sorted list yields, in the same order, whatever is set, moved and deleted', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const heap = new IndexedHeap();
      const list = new SortedList();
      for (const step of script) {
        expect(applyToHeap(heap, step)).toBe(list.apply(step));
        expect(heap.size).toBe(list.entries.length);
        expect(heap.peek()?.key).toBe(list.entries[0]?.key);
      }
      for (const { key, rank } of list.entries) {
        expect(heap.get(key)).toBe(rank);
        expect(heap.pop()?.key).toBe(key);
      }
      expect(heap.pop()).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test('a rank that is not a number is refused rather than sorted anywhere', () => {
  expect(() => new IndexedHeap().set('a', Date.parse('never'))).toThrow('The rank of "a" is not a number');
});
