import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../catalog/operation.ts';
import { type AnsweredOperation, type Data, readAnswer } from './answer.ts';
import { LEAST } from './cut.ts';

const LIST: Operation = { id: 'thing.list', method: 'GET', path: '/things', tiers: ['plugin'], answer: { page: {} } };

function answered(body: string, bytes: number, overrides: Partial<AnsweredOperation> = {}): AnsweredOperation {
  return {
    operation: LIST,
    args: {},
    status: 200,
    body: Buffer.from(body).subarray(0, bytes),
    incomplete: { bytes: 10_000_000, isTotal: true },
    mostCharacters: 1_000,
    ...overrides,
  };
}

function read(...of: Parameters<typeof answered>): Extract<Data, { kind: 'data' }> {
  const data = readAnswer(answered(...of));
  if (data.kind !== 'data') throw new Error(data.problem);
  return data;
}

const envelope = (data: unknown) => JSON.stringify({ error: false, reason: 'listed', data });
const items = Array.from({ length: 500 }, (_, id) => ({ id, text: 'é'.repeat(40) }));

describe('the beginning of an answer', () => {
  test('whatever it is and wherever it ends is JSON within the cap, with a line that says how to get the rest', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }),
        fc.nat({ max: 999 }),
        fc.integer({ min: LEAST, max: 1_000 }),
        fc.option(fc.constant(['a', 'token']), { nil: undefined }),
        (value, place, mostCharacters, redact) => {
          const body = envelope(value);
          const bytes = 1 + Math.floor((place / 1_000) * Buffer.byteLength(body));
          const operation = redact === undefined ? LIST : { ...LIST, answer: { redact } };
          const { text, note, truncated } = read(body, bytes, { mostCharacters, operation });
          expect(text.toString('utf8').length).toBeLessThanOrEqual(mostCharacters);
          expect(() => JSON.parse(text.toString('utf8'))).not.toThrow();
          // The last byte closes the envelope; without it a number might go on.
          const needed = Buffer.byteLength(body) - (/["\]}]\}$/.test(body) ? 1 : 0);
          const isWhole = bytes >= needed && JSON.stringify(value).length <= mostCharacters;
          if (redact === undefined || !isWhole) expect(truncated === undefined).toBe(isWhole);
          if (truncated) expect(note).toMatch(/^Cut, because .* To get the rest, /s);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('that ends in a list has its whole items, as they came', () => {
    const { text, note } = read(envelope(items), 12_345);
    expect(JSON.parse(text.toString())).toEqual(items.slice(0, 16));
    expect(note).toBe(
      'Cut, because the answer has 10000000 bytes and only its beginning was read: the result has its first 16 of an unknown number of items. To get the rest, ask for less: filter the list, or get single items by their id. Page 1. More, if any: page_number 2; an empty page is the end.',
    );
  });

  test('of which nobody said how long it is says what came', () => {
    const { note } = read(envelope(items), 12_345, { incomplete: { bytes: 20_000, isTotal: false } });
    expect(note).toContain('Cut, because the answer has more than 20000 bytes and only its beginning was read: ');
  });

  test('of a page whose size is known says how many items there can be, and the size that fits', () => {
    const operation: Operation = {
      ...LIST,
      query: { per_page: { schema: { type: 'integer' }, required: false } },
      answer: { page: { size: () => 50 } },
    };
    const { note } = read(envelope(items), 12_345, { operation, mostCharacters: 2_000 });
    expect(note).toContain(
      'the result has its first 33 of at most 50 items. To get the rest, call again with per_page 33',
    );
  });

  test('that fits the cap says nevertheless that more follows', () => {
    const { text, note, truncated } = read(envelope({ total: 500, things: items }), 200);
    expect(JSON.parse(text.toString())).toEqual({ total: 500, things: items.slice(0, 1) });
    expect(note).toContain(
      'the result has 2 of an unknown number of fields; things has its first 1 of an unknown number of items.',
    );
    expect(truncated).toBe(true);
  });

  test('of one huge item has the beginning of that item', () => {
    const { text, note } = read(envelope([{ id: 'a', content: 'y'.repeat(50_000) }, { id: 'b' }]), 20_000);
    const [first] = JSON.parse(text.toString());
    expect(first).toEqual({ id: 'a', content: expect.stringMatching(/^y{900,}$/) });
    expect(note).toContain(`[0].content has its first ${first.content.length} of an unknown number of characters.`);
  });

  test.each([
    ['in a first item', [{ text: 'yyy' }], '[{"text":"yy"}]', ['1 items', '[0] 1 fields', '[0].text 2 characters']],
    ['further inside', { a: ['yyy'] }, '{"a":["yy"]}', ['1 fields', 'a 1 items', 'a[0] 2 characters']],
    ['before a first item', [12345], '[]', ['0 items']],
    ['before a first item inside', { list: [123456] }, '{"list":[]}', ['1 fields', 'list 0 items']],
  ])('that ends %s says of each place that it goes on', (_where, value, closed, places) => {
    const body = envelope(value);
    const cutOff = /y?[\]}"]+$/.exec(body)?.[0] ?? '';
    const { text, note } = read(body, body.length - cutOff.length);
    expect(text.toString()).toBe(closed);
    const said = note?.match(/(?<=: ).*? of an unknown number of \w+(?=\. )/)?.[0].split('; ');
    expect(
      said?.map((remark) => remark.replace(/^the result |has (its first )?| of an unknown number of/g, '')),
    ).toEqual(places);
  });

  test('with all of the data is no less than the data', () => {
    const { text, note, truncated } = read(`{"data":[1,2],"padding":"${'x'.repeat(5_000)}"}`, 3_000);
    expect([text.toString(), note?.split('.')[0], truncated]).toEqual(['[1,2]', 'Page 1, 2 items', undefined]);
  });

  test('of the one member that is wanted is that member’s', () => {
    const { text } = read(envelope({ locale: 'en', content: 'z'.repeat(9_000) }), 5_000, { take: 'content' });
    expect(JSON.parse(text.toString())).toMatch(/^z{998}$/);
  });

  test('holds no secret, be it in the last place or in what cannot be read', () => {
    const operation: Operation = { ...LIST, answer: { redact: ['token'] } };
    const body = envelope([{ id: 1, settings: { token: 'hush'.repeat(500) } }]);
    expect(read(body, 500, { operation }).text.toString()).toBe('[{"id":1,"settings":{"token":"[redacted]"}}]');
    expect(readAnswer(answered(body.replace('"id":1', '"id":x'), 500, { operation }))).toMatchObject({
      kind: 'unreadable',
    });
    expect(readAnswer(answered(`token=hush ${body}`, 500, { operation }))).toMatchObject({ kind: 'unreadable' });
  });

  test('that is not JSON is text, cut between two characters and called so', () => {
    const { text, note, truncated } = read(`<p>${'é'.repeat(5_000)}`, 250);
    expect(JSON.parse(text.toString())).toBe(`<p>${'é'.repeat(123)}`);
    expect(note).toContain('it is not JSON, and the result is its first 126 characters, as text.');
    expect(truncated).toBe(true);
  });

  test('that is no text either is not shown', () => {
    const body = Buffer.from([0x1f, 0x8b, 8, 0, 0xff, 0xfe, 1, 2]);
    expect(readAnswer({ ...answered('', 0), body })).toEqual({ kind: 'unreadable', problem: 'it is not JSON' });
  });

  test('to a write does not ask for the write to be repeated', () => {
    const { note } = read(envelope(items), 12_345, { operation: { ...LIST, method: 'POST', answer: {} } });
    expect(note).toContain(
      'its first 16 of an unknown number of items. The status of the answer says that the change was',
    );
    expect(note).toContain('do not repeat the call');
  });
});
