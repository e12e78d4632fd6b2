import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itemEnds, scanObject, scanValue } from './envelope.ts';

function member(text: string, name: string): string | undefined {
  const bytes = Buffer.from(text);
  const scan = scanObject(bytes);
  if (typeof scan === 'string') return scan;
  const span = scan.members.get(name);
  return span === undefined ? undefined : bytes.toString('utf8', span.start, span.end);
}

describe('the data of an envelope', () => {
  test.each([
    ['is an array', '{"error":false,"reason":"listed","data":[1,{"a":"]}"}]}', '[1,{"a":"]}"}]'],
    ['is an object, with members after it', '{"data":{"a":1},"x":[2]}', '{"a":1}'],
    ['keeps its white space', '{ "data" : { "a" : 1 } }\n', '{ "a" : 1 }'],
    ['keeps digits that a number would lose', '{"data":{"f":123456789012345678901}}', '{"f":123456789012345678901}'],
    ['may hold escaped quotes', '{"data":"a\\"}\\\\"}', '"a\\"}\\\\"'],
    ['may be a literal', '{"data":null}', 'null'],
    ['is the first of two', '{"data":1,"data":2}', '1'],
    ['may be missing', '{"error":false}', undefined],
    ['is not one of a member in a string', '{"reason":"\\"data\\":1"}', undefined],
  ])('%s', (_sentence, text, expected) => {
    expect(member(text, 'data')).toBe(expected);
  });

  test.each(['', 'null', '[1]', '<html>', '{data:1}', '{"a" 1}'])('is not looked for in %j', (text) => {
    expect(member(text, 'data')).toBe('not an object');
  });

  test('is what JSON.parse finds, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom(0, 2), (data, other, indent) => {
        const found = member(JSON.stringify({ error: false, other, data }, null, indent), 'data');
        expect(JSON.parse(found ?? '')).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  test('is reported as cut off, wherever the answer ends early', () => {
    const whole = Buffer.from('{"error":false,"reason":"listed","data":[{"a":"x\\"y"},[1,2]]}');
    for (let length = 1; length < whole.length; length++) {
      expect(scanObject(whole.subarray(0, length)), `${length} bytes`).toBe('cut off');
    }
    expect(typeof scanObject(whole)).toBe('object');
  });
});

describe('items of an array', () => {
  test.each([
    ['[]', 0],
    ['[ ]', 0],
    ['[1]', 1],
    ['[[1,2],{"a":[3,4]},"x,y"]', 3],
    ['{"a":1}', undefined],
  ])('%s: %s', (text, count) => {
    expect(scanValue(Buffer.from(text))?.items).toBe(count);
  });

  test('end where they end, as long as they fit', () => {
    const bytes = Buffer.from('[1,"a,b",{"c":[2]},4]');
    expect(itemEnds(bytes, 0, bytes.length)).toEqual([2, 8, 18, 20]);
    expect(itemEnds(bytes, 0, 10)).toEqual([2, 8]);
    expect(itemEnds(bytes, 0, 1)).toEqual([]);
  });
});
