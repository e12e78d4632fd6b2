import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { skipContainerByByte } from './envelope.ts';
import { MOST_BYTES, skipContainerNatively, surroundEscaped } from './json-bytes.ts';

/** What an earlier answer leaves behind in the memory: brackets, quotes and backslashes in every place. */
const LEFT_BEHIND = Buffer.from('"]}\\,[{'.repeat(MOST_BYTES / 8));

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\t', '\u0000', '\u001f', '\u007f', '\u2028', 'é', '😀', 'a'),
    maxLength: 80,
  }),
);

describe('escaping', () => {
  test('is that of JSON.stringify, for any text of any length', () => {
    fc.assert(
      fc.property(texts, fc.nat(40), (text, filling) => {
        const long = `${'x'.repeat(filling)}${text}`;
        expect(surroundEscaped('é"', Buffer.from(long), '"!')?.toString()).toBe(`é${JSON.stringify(long)}!`);
      }),
    );
  });

  test('of every character below 128 is that of JSON.stringify', () => {
    for (let code = 0; code < 128; code++) {
      const text = String.fromCharCode(code);
      expect(surroundEscaped('"', Buffer.from(text), '"')?.toString()).toBe(JSON.stringify(text));
    }
  });

  test('has room for the largest text, whatever it grows to', () => {
    const text = '\u0001'.repeat(MOST_BYTES);
    expect(surroundEscaped('"', Buffer.from(text), '"')?.equals(Buffer.from(JSON.stringify(text)))).toBe(true);
    expect(surroundEscaped('', Buffer.alloc(MOST_BYTES + 1), '')).toBeUndefined();
  });

  test('takes no text that is not well-formed UTF-8', () => {
    expect(surroundEscaped('', Buffer.from([0x61, 0xc3]), '')).toBeUndefined();
  });
});

describe('the end of a JSON value', () => {
  const whitespace = fc.constantFrom(0, 1);
  const containers = fc.oneof(
    fc.array(fc.jsonValue(), { maxLength: 8 }),
    fc.dictionary(texts, fc.oneof(fc.jsonValue(), texts), { maxKeys: 8 }),
  );

  test('is found as it is byte by byte, with as many items, wherever the text is cut off', () => {
    fc.assert(
      fc.property(containers, whitespace, fc.nat(), fc.nat(20), (value, indent, cut, before) => {
        const text = Buffer.from(`${' '.repeat(before)}${JSON.stringify(value, null, indent)} ,`);
        const bytes = text.subarray(0, before + 1 + (cut % (text.length - before)));
        skipContainerNatively(LEFT_BEHIND, 0);
        const isArray = Array.isArray(value);
        const expected = skipContainerByByte(bytes, before, isArray);
        const found = skipContainerNatively(bytes, before);
        expect(found?.end).toBe(expected?.end);
        if (isArray && value.length > 0 && found !== undefined) expect(found.commas + 1).toBe(expected?.items);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is found in the largest input', () => {
    const bytes = Buffer.from(`[${'1,'.repeat(MOST_BYTES / 2 - 2)}11]`);
    expect(bytes).toHaveLength(MOST_BYTES);
    expect(skipContainerNatively(bytes, 0)).toEqual({ end: MOST_BYTES, commas: MOST_BYTES / 2 - 2 });
  });
});
