import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { characterEnd, closeJson, MOST_OPEN } from './close-json.ts';

const close = (text: string, bytes = Buffer.byteLength(text)) => {
  const closed = closeJson(Buffer.from(text).subarray(0, bytes));
  return closed && [closed.text.toString('utf8'), closed.open.map(({ name }) => name)];
};

/** Fails unless `part` is `whole`, or the beginning of it at the place that is open and nowhere else. */
function expectBeginning(part: unknown, whole: unknown, open: readonly string[] | undefined): void {
  if (open === undefined) {
    expect(JSON.stringify(part)).toBe(JSON.stringify(whole));
  } else if (typeof part === 'string' && typeof whole === 'string') {
    expect(whole.startsWith(part)).toBe(true);
    if (whole.isWellFormed()) expect(part.isWellFormed()).toBe(true);
  } else if (typeof part === 'object' && part !== null && typeof whole === 'object' && whole !== null) {
    expect(Array.isArray(part)).toBe(Array.isArray(whole));
    const [inner, ...deeper] = open;
    const [members, all] = [Object.entries(part), Object.entries(whole)];
    for (const [index, [name, member]] of members.entries()) {
      expect(name).toBe(all[index]?.[0]);
      const isInner = inner === (Array.isArray(part) ? `[${name}]` : name);
      expectBeginning(member, all[index]?.[1], isInner ? deeper : undefined);
    }
    const isLast = inner === undefined || inner === (Array.isArray(part) ? '[0]' : members.at(-1)?.[0]);
    expect(isLast).toBe(true);
  } else {
    expect.fail(`${JSON.stringify(part)} is not the beginning of ${JSON.stringify(whole)}`);
  }
}

const container = fc.oneof(
  fc.array(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), { maxLength: 5 }),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), { maxKeys: 5 }),
);

const escaped = (text: string) =>
  text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe('the beginning of a JSON text', () => {
  test('of any shape, cut at any byte, becomes JSON that is the beginning of the value', () => {
    fc.assert(
      fc.property(
        container,
        fc.constantFrom(0, 2),
        fc.boolean(),
        fc.nat({ max: 999 }),
        (value, indent, escapes, place) => {
          const plain = JSON.stringify(value, null, indent);
          const text = Buffer.from(escapes ? escaped(plain) : plain);
          const end = 1 + Math.floor((place / 1_000) * text.length);
          const closed = closeJson(text.subarray(0, end));
          if (closed === undefined) expect.fail('not closed');
          const names = closed.open.map(({ name }) => name);
          expect(closed.open.length === 0).toBe(end === text.length);
          expectBeginning(
            JSON.parse(closed.text.toString('utf8')),
            JSON.parse(plain),
            end === text.length ? undefined : names.slice(1),
          );
          for (const { start } of closed.open) expect('{["').toContain(String.fromCharCode(text[start] ?? 0));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('keeps every whole item, and of the first its beginning where there is no whole one', () => {
    const text = '[{"id":1},{"id":23},{"id":4}]';
    const kept = Array.from({ length: text.length }, (_, bytes) => close(text, bytes + 1)?.[0]);
    const firstSeen = [...new Set(kept)].map((closed) => [kept.indexOf(closed) + 1, closed]);
    expect(firstSeen).toEqual([
      [1, '[]'],
      [2, '[{}]'],
      [9, '[{"id":1}]'],
      [19, '[{"id":1},{"id":23}]'],
      [28, text],
    ]);
  });

  test.each([
    ['a list in an object', '{"total":3,"list":[{"a":1},{"b":', '{"total":3,"list":[{"a":1}]}', ['', 'list']],
    ['a text', '{"a":{"text":"one two', '{"a":{"text":"one two"}}', ['', 'a', 'text']],
    ['a list without an item', '{"a":[12', '{"a":[]}', ['', 'a']],
    ['a number that may go on', '{"a":1,"b":12', '{"a":1}', ['']],
    ['a number that does not', '{"a":1,"b":12 ', '{"a":1,"b":12}', ['']],
    ['a key', '{"a":1,"bc', '{"a":1}', ['']],
    ['a key that is whole', '{"a":1,"bc"', '{"a":1}', ['']],
    ['a comma', '[1,2,', '[1,2]', ['']],
    ['a quote in a text', '["say \\"hi\\" to', '["say \\"hi\\" to"]', ['', '[0]']],
    ['half an escape', '["a\\', '["a"]', ['', '[0]']],
    ['half a number of an escape', '["a\\u00e', '["a"]', ['', '[0]']],
    ['half a pair of escapes', '["a\\ud83d\\ude', '["a"]', ['', '[0]']],
    ['a backslash that only looks like half a pair', '["a\\\\ud83d', '["a\\\\ud83d"]', ['', '[0]']],
    ['space in front', ' \n[1,', '[1]', ['']],
    ['an escaped name', '{"l\\u00e4":[1,', '{"l\\u00e4":[1]}', ['', 'lä']],
  ])('that ends in %s', (_what, text, closed, open) => {
    expect(close(text)).toEqual([closed, open]);
  });

  test('that is all of it stays as it is, without what follows', () => {
    expect(close('{"a":[1, 2]} \n')).toEqual(['{"a":[1, 2]}', []]);
  });

  test.each([
    '',
    ' ',
    'x',
    '"text',
    '12',
    '<html>',
    '{a:1',
    '{"a" 1',
    '{"a":1 "b"',
    '[1 2',
    '[,',
    '{"a":,',
    '{"\\x":1,',
  ])('that is none of an object or array is not closed: %j', (text) => {
    expect(close(text)).toBeUndefined();
  });

  test('that is nested beyond measure is closed further out', () => {
    const [text = '', open = []] = close('{"a":'.repeat(100_000)) ?? [];
    expect(open).toHaveLength(MOST_OPEN);
    expect(() => JSON.parse(String(text))).not.toThrow();
    expect(close(`{"a":1,"b":${'['.repeat(100_000)}`)?.[0]).toMatch(/^\{"a":1,"b":\[+\]+\}$/);
  });
});

test('a character of UTF-8 is not cut in two', () => {
  const text = Buffer.from('aé漢😀');
  const ends = Array.from({ length: text.length + 1 }, (_, end) => characterEnd(text, end));
  expect(ends).toEqual([0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);
});
