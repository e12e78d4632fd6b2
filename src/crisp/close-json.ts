import {
  BACKSLASH,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipString,
  skipValue,
} from './envelope.ts';

/**
 * Makes JSON of the beginning of a JSON object or array, by closing what is open at its end. As little is shown of what is
 * there in part as can be: an array ends with its last whole item, and only where there is none the beginning of its first
 * is kept; an object keeps the beginning of its last member. Nothing else is changed, so that positions stay what they
 * were. Assumes UTF-8; what no closing depends on (numbers, words, escapes, what whole values contain) is not checked.
 */
export interface ClosedJson {
  readonly text: Buffer;
  /** What goes on beyond the beginning, outermost first, each within the one before; none when all of it was there. */
  readonly open: readonly OpenValue[];
}

export interface OpenValue {
  /** Within the value around it: the member's name, or `[0]` in an array. */
  readonly name: string;
  /** Position in the text. */
  readonly start: number;
}

/** A value that is open still further inside is left out. */
export const MOST_OPEN = 12;

/** `undefined` when it is not the beginning of an object or array. */
export function closeJson(beginning: Buffer): ClosedJson | undefined {
  const bytes = beginning.subarray(skipSpace(beginning, 0));
  if (!isContainer(bytes[0])) return undefined;
  const whole = skipValue(bytes, 0);
  if (whole !== undefined) return { text: bytes.subarray(0, whole.end), open: [] };
  const open: OpenValue[] = [];
  let closing = '';
  let next: OpenValue | undefined = { name: '', start: 0 };
  let end = 0;
  while (next !== undefined && open.length < MOST_OPEN) {
    open.push(next);
    const first: number | undefined = bytes[next.start];
    if (first === QUOTE) {
      closing = `"${closing}`;
      end = stringEnd(bytes, next.start);
      break;
    }
    closing = `${first === OPEN_BRACE ? '}' : ']'}${closing}`;
    const inside: Inside | undefined =
      first === OPEN_BRACE ? openObject(bytes, next.start) : openArray(bytes, next.start);
    if (inside === undefined) return undefined;
    ({ end, next } = inside);
  }
  return { text: Buffer.concat([bytes.subarray(0, end), Buffer.from(closing)]), open };
}

/** Where the last character of UTF-8 that is whole ends, at or before `end`. */
export function characterEnd(bytes: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(4, end); back++) {
    const byte = bytes[end - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? end - back : end;
  }
  return end;
}

interface Inside {
  /** After the last whole member. */
  readonly end: number;
  /** The member after that, when its beginning is of use. */
  readonly next: OpenValue | undefined;
}

function openObject(bytes: Buffer, start: number): Inside | undefined {
  let end = start + 1;
  for (let position = skipSpace(bytes, end); position < bytes.length; position = skipSpace(bytes, position + 1)) {
    if (bytes[position] !== QUOTE) return undefined;
    const keyEnd = skipString(bytes, position);
    if (keyEnd === -1) break;
    const name = parseKey(bytes.toString('utf8', position, keyEnd));
    const colon = skipSpace(bytes, keyEnd);
    if (name === undefined || (colon < bytes.length && bytes[colon] !== COLON)) return undefined;
    const value = skipSpace(bytes, colon + 1);
    const valueEnd = endOf(bytes, value);
    if (valueEnd === 'malformed') return undefined;
    if (valueEnd === 'open') return { end, next: openValue(bytes, name, value) };
    end = valueEnd;
    position = skipSpace(bytes, end);
    if (position < bytes.length && bytes[position] !== COMMA) return undefined;
  }
  return { end, next: undefined };
}

function openArray(bytes: Buffer, start: number): Inside | undefined {
  let end = start + 1;
  for (let position = skipSpace(bytes, end); position < bytes.length; position = skipSpace(bytes, position + 1)) {
    const itemEnd = endOf(bytes, position);
    if (itemEnd === 'malformed') return undefined;
    if (itemEnd === 'open') return { end, next: end === start + 1 ? openValue(bytes, '[0]', position) : undefined };
    end = itemEnd;
    position = skipSpace(bytes, end);
    if (position < bytes.length && bytes[position] !== COMMA) return undefined;
  }
  return { end, next: undefined };
}

/** Of a number or a word that ends with the bytes nothing tells whether it goes on. */
function endOf(bytes: Buffer, start: number): number | 'open' | 'malformed' {
  const first = bytes[start];
  const end = skipValue(bytes, start)?.end;
  if (first === undefined || first === QUOTE || isContainer(first)) return end ?? 'open';
  if (end === undefined) return 'malformed';
  return end === bytes.length ? 'open' : end;
}

function openValue(bytes: Buffer, name: string, start: number): OpenValue | undefined {
  return bytes[start] === QUOTE || isContainer(bytes[start]) ? { name, start } : undefined;
}

/** Where the last whole character of the string at `start` ends; an escape, or a pair of them, is one. */
function stringEnd(bytes: Buffer, start: number): number {
  let position = start + 1;
  let firstOfPair: number | undefined;
  while (position < bytes.length) {
    const length = bytes[position] !== BACKSLASH ? 1 : bytes[position + 1] === 0x75 ? 6 : 2;
    if (position + length > bytes.length) break;
    firstOfPair = length === 6 && isHighSurrogate(bytes[position + 2], bytes[position + 3]) ? position : undefined;
    position += length;
  }
  return characterEnd(bytes, firstOfPair ?? position);
}

/** By the first two of the four digits: `d8` to `db`. */
function isHighSurrogate(first = 0, second = 0): boolean {
  const digit = second | 0x20;
  return (first | 0x20) === 0x64 && (second === 0x38 || second === 0x39 || digit === 0x61 || digit === 0x62);
}

function parseKey(text: string): string | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isContainer(byte: number | undefined): boolean {
  return byte === OPEN_BRACE || byte === OPEN_BRACKET;
}
