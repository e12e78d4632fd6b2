import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutJson, LEAST, shorten } from './cut.ts';

describe('a value that is too long', () => {
  test('of any shape becomes JSON of the same kind within the limit', () => {
    const kind = (value: unknown) => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 8, stringUnit: 'binary' }),
        fc.integer({ min: LEAST, max: 1_000 }),
        (value, most) => {
          const { text, remains } = cutJson(value, most);
          const back: unknown = JSON.parse(text);
          expect(text.length).toBeLessThanOrEqual(Math.max(most, JSON.stringify(value).length <= most ? most : 0));
          expect(kind(back)).toBe(kind(JSON.parse(JSON.stringify(value))));
          if (JSON.stringify(value).length <= most) expect([text, remains]).toEqual([JSON.stringify(value), []]);
          else expect(remains).not.toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('keeps whole items of a list', () => {
    const { text, remains } = cutJson(
      Array.from({ length: 300 }, (_, id) => ({ id, text: 'x'.repeat(80) })),
      1_000,
    );
    expect(JSON.parse(text)).toHaveLength(10);
    expect(remains).toEqual(['the result has its first 10 of 300 items']);
  });

  test('with a list inside keeps what stands beside it', () => {
    const value = { total: 300, messages: Array.from({ length: 300 }, (_, id) => ({ id })), next: 'page-2' };
    const { text, remains } = cutJson(value, 500);
    const back = JSON.parse(text);
    expect([back.total, back.next, back.messages[0]]).toEqual([300, 'page-2', { id: 0 }]);
    expect(remains).toEqual([`messages has its first ${back.messages.length} of 300 items`]);
    expect(text.length).toBeGreaterThan(450);
  });

  test('with one huge item shows the beginning of that item', () => {
    const { text, remains } = cutJson([{ id: 'a', content: 'y'.repeat(5_000) }, { id: 'b' }], 1_000);
    const [first] = JSON.parse(text);
    expect(first).toMatchObject({ id: 'a', content: expect.stringMatching(/^y{900,}$/) });
    expect(remains).toEqual([
      'the result has its first 1 of 2 items',
      `[0].content has its first ${first.content.length} of 5000 characters`,
    ]);
  });

  test('with several large members shares the room among them', () => {
    const { text } = cutJson({ a: 'a'.repeat(5_000), b: 'b'.repeat(5_000), c: 'short' }, 1_000);
    const { a, b, c } = JSON.parse(text);
    expect(c).toBe('short');
    expect(Math.abs(a.length - b.length)).toBeLessThan(5);
    expect(a.length + b.length).toBeGreaterThan(900);
  });

  test('with very many members keeps as many as there is room for', () => {
    const value = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key${index}`, index]));
    const { text, remains } = cutJson(value, 1_000);
    expect(Object.keys(JSON.parse(text)).length).toBeGreaterThan(50);
    expect(remains).toEqual([expect.stringMatching(/^the result has \d+ of 1000 fields$/)]);
  });

  test('cuts no character in two', () => {
    for (let most = 2; most < 40; most++) {
      const shorter = shorten('a😀é😀"\\😀ü'.repeat(5), most);
      expect(shorter.isWellFormed(), `${most}`).toBe(true);
      expect(JSON.stringify(shorter).length).toBeLessThanOrEqual(most);
    }
  });
});
