import { MOST_BYTES, skipContainerNatively } from './json-bytes.ts';

/**
 * Finds a member of a JSON object in its bytes, without parsing. Crisp wraps everything in
 * `{"error":…,"reason":…,"data":…}`; the bytes of `data` go to the client as they came. The whole text is scanned once,
 * so that an answer which was cut off is noticed. Assumes UTF-8; strings are not checked for valid escapes.
 */
export interface Scan {
  /** Of each wanted member that is there: where its value starts, ends, and how many items it has if it is an array. */
  readonly members: ReadonlyMap<string, Span>;
}

export interface Span {
  readonly start: number;
  readonly end: number;
  /** Items of an array; `undefined` for any other value. */
  readonly items: number | undefined;
}

/** Bytes. */
const SHORT = 256;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The top-level members of the object in `bytes`, or why there are none. */
export function scanObject(bytes: Buffer): Scan | 'not an object' | 'cut off' {
  const first = skipSpace(bytes, 0);
  if (bytes[first] !== OPEN_BRACE) return 'not an object';
  const members = new Map<string, Span>();
  let position = skipSpace(bytes, first + 1);
  if (bytes[position] === CLOSE_BRACE) return { members };
  for (;;) {
    if (bytes[position] !== QUOTE) return position >= bytes.length ? 'cut off' : 'not an object';
    const keyEnd = skipString(bytes, position);
    if (keyEnd === -1) return 'cut off';
    const key = bytes.toString('latin1', position + 1, keyEnd - 1);
    position = skipSpace(bytes, keyEnd);
    if (bytes[position] !== COLON) return position >= bytes.length ? 'cut off' : 'not an object';
    const start = skipSpace(bytes, position + 1);
    const span = skipValue(bytes, start);
    if (span === undefined) return 'cut off';
    if (!members.has(key)) members.set(key, span);
    position = skipSpace(bytes, span.end);
    if (bytes[position] === CLOSE_BRACE) return { members };
    if (bytes[position] !== COMMA) return position >= bytes.length ? 'cut off' : 'not an object';
    position = skipSpace(bytes, position + 1);
  }
}

/** The one value that `bytes` consists of, or `undefined` when it is cut off. */
export function scanValue(bytes: Buffer): Span | undefined {
  return skipValue(bytes, skipSpace(bytes, 0));
}

/** Where the items of the array at `start` end, up to the last that ends at or before `limit`. */
export function itemEnds(bytes: Buffer, start: number, limit: number): readonly number[] {
  const ends: number[] = [];
  let position = skipSpace(bytes, start + 1);
  while (position < limit && bytes[position] !== CLOSE_BRACKET) {
    const span = skipValue(bytes, position);
    if (span === undefined || span.end > limit) break;
    ends.push(span.end);
    position = skipSpace(bytes, span.end);
    if (bytes[position] === COMMA) position = skipSpace(bytes, position + 1);
  }
  return ends;
}

/** The value at `start`, or `undefined` when it is cut off; a word or a number at the very end counts as whole. */
export function skipValue(bytes: Buffer, start: number): Span | undefined {
  const first = bytes[start];
  if (first === undefined) return undefined;
  if (first === QUOTE) {
    const end = skipString(bytes, start);
    return end === -1 ? undefined : { start, end, items: undefined };
  }
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(bytes, start, first === OPEN_BRACKET);
  let end = start;
  while (end < bytes.length && !endsLiteral(bytes[end])) end++;
  return end === start ? undefined : { start, end, items: undefined };
}

function skipContainer(bytes: Buffer, start: number, isArray: boolean): Span | undefined {
  if (bytes.length - start < SHORT || bytes.length > MOST_BYTES) return skipContainerByByte(bytes, start, isArray);
  const skipped = skipContainerNatively(bytes, start);
  if (skipped === undefined) return undefined;
  const { end, commas } = skipped;
  return { start, end, items: isArray ? itemsOf(bytes, start, end, commas) : undefined };
}

/** For what is so short that the way into WebAssembly is longer, and for what is too large for it. */
export function skipContainerByByte(bytes: Buffer, start: number, isArray: boolean): Span | undefined {
  const { length } = bytes;
  let depth = 1;
  let commas = 0;
  let position = start + 1;
  while (position < length) {
    const byte = bytes[position];
    if (byte === QUOTE) {
      position = skipString(bytes, position);
      if (position === -1) return undefined;
      continue;
    }
    position++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === COMMA) {
      if (depth === 1) commas++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth === 0) {
        return { start, end: position, items: isArray ? itemsOf(bytes, start, position, commas) : undefined };
      }
    }
  }
  return undefined;
}

function itemsOf(bytes: Buffer, start: number, end: number, commas: number): number {
  return skipSpace(bytes, start + 1) === end - 1 ? 0 : commas + 1;
}

/** Position after the closing quote of the string that starts at `start`, or -1. */
export function skipString(bytes: Buffer, start: number): number {
  const { length } = bytes;
  let position = start + 1;
  while (position < length) {
    const byte = bytes[position];
    if (byte === QUOTE) return position + 1;
    position += byte === BACKSLASH ? 2 : 1;
  }
  return -1;
}

export function skipSpace(bytes: Buffer, from: number): number {
  let position = from;
  for (;;) {
    const byte = bytes[position];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return position;
    position++;
  }
}

function endsLiteral(byte: number | undefined): boolean {
  return (
    byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === 0x20 || byte === 0x0a || byte === 0x0d
  );
}
