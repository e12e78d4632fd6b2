import type { Arguments } from '../catalog/fields.ts';
import type { Operation } from '../catalog/operation.ts';
import { type CutJson, cutJson, shorten } from './cut.ts';
import { itemEnds, type Span, scanObject, scanValue } from './envelope.ts';

/**
 * From the bytes of a successful answer to the text a model receives: the envelope's `data`, byte for byte, with a note
 * where there is something to say (the next page, the end). Only three things are worth more than that: an operation with
 * secrets in its answer is parsed and redacted, a result above the cap is cut between two items (or, where one is too
 * large by itself, within it) and says so, and what is not JSON is not passed off as a result.
 */
export type Data =
  | { readonly kind: 'data'; readonly text: Buffer; readonly note?: string }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** Of `per_page`, where an operation takes it. */
const SMALLEST_PAGE = 20;
const LARGEST_PAGE = 50;
const EMPTY_OBJECT = Buffer.from('{}');
/** For an operation that has no words of its own for it. */
const ACCEPTED = 'Accepted: Crisp carries it out asynchronously, so that it may take a moment until it can be seen.';
export const REDACTED = '[redacted]';

export interface AnsweredOperation {
  readonly operation: Operation;
  readonly args: Arguments;
  readonly status: number;
  readonly body: Buffer;
  /** Only this member of the data. */
  readonly take?: string;
  /** Most characters of a result; bytes are counted where that makes no difference. */
  readonly mostCharacters: number;
}

export function readAnswer(answered: AnsweredOperation): Data {
  const { operation, args, body } = answered;
  if (operation.answer?.exists) return { kind: 'data', text: Buffer.from(`{"exists":${answered.status < 300}}`) };
  if (body.length === 0) return { kind: 'data', text: EMPTY_OBJECT };
  const found = findData(body, answered.take);
  if (typeof found === 'string') return { kind: 'unreadable', problem: found };
  const text = redact(body.subarray(found.start, found.end), operation.answer?.redact);
  if (text === undefined) return { kind: 'unreadable', problem: 'it is not JSON' };
  const note = joinNotes([doneNote(answered, text), pageNote(operation, args, found.items), operation.answer?.note]);
  if (text.length <= answered.mostCharacters) return withNote(text, note);
  return cut(text, answered, note);
}

/** Joins the results of a composite into one object, `{"<label>":…}`. */
export function joinResults(results: readonly { readonly label: string; readonly text: Buffer }[]): Buffer {
  const pieces = results.flatMap(({ label, text }, index) => [
    Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(label)}:`),
    text,
  ]);
  return Buffer.concat([...pieces, Buffer.from('}')]);
}

function findData(body: Buffer, take: string | undefined): Span | string {
  const scan = scanObject(body);
  if (scan === 'cut off') return 'it was cut off';
  if (scan === 'not an object') {
    const whole = scanValue(body);
    return whole?.items === undefined ? 'it is not JSON' : whole;
  }
  const data = scan.members.get('data');
  if (data === undefined) return { start: 0, end: body.length, items: undefined };
  if (take === undefined) return data;
  const inner = scanObject(body.subarray(data.start, data.end));
  const member = typeof inner === 'string' ? undefined : inner.members.get(take);
  if (member === undefined) return data;
  return { start: data.start + member.start, end: data.start + member.end, items: member.items };
}

/** Most writes answer with nothing, which a model might take for a failure; 202 is a promise, not a result. */
function doneNote({ operation, status }: AnsweredOperation, text: Buffer): string | undefined {
  if (status === 202) return operation.answer?.note === undefined ? ACCEPTED : undefined;
  const wrote = operation.method !== 'GET' && operation.method !== 'HEAD';
  return wrote && text.equals(EMPTY_OBJECT) ? 'Done.' : undefined;
}

function pageNote(operation: Operation, args: Arguments, items: number | undefined): string | undefined {
  const page = operation.answer?.page;
  if (page === undefined || items === undefined) return undefined;
  const number = typeof args.page_number === 'number' ? args.page_number : 1;
  if (items === 0) {
    return number === 1 ? 'Nothing found: the list is empty.' : `Page ${number} is empty: the list ended before it.`;
  }
  const size = page.size?.(args);
  const count = `Page ${number}, ${items} ${items === 1 ? 'item' : 'items'}.`;
  if (size !== undefined && items < size) return `${count} This is the last page.`;
  return size === undefined
    ? `${count} More, if any: page_number ${number + 1}; an empty page is the end.`
    : `${count} Next: page_number ${number + 1}.`;
}

function redact(text: Buffer, names: readonly string[] | undefined): Buffer | undefined {
  if (names === undefined) return text;
  const secret = new Set(names);
  const value = parse(text, (key, member) => (secret.has(key) && member !== null && member !== '' ? REDACTED : member));
  return value === undefined ? undefined : Buffer.from(JSON.stringify(value));
}

function parse(text: Buffer, reviver?: (key: string, member: unknown) => unknown): unknown {
  try {
    return JSON.parse(text.toString('utf8'), reviver);
  } catch {
    return undefined;
  }
}

/** Never fails: whatever the data is, the beginning of it comes back as JSON. */
function cut(text: Buffer, answered: AnsweredOperation, note: string | undefined): Data {
  const { mostCharacters } = answered;
  const whole = text.toString('utf8');
  if (whole.length <= mostCharacters) return withNote(text, note);
  if (text[0] === 0x5b) {
    const plain = cutBetweenItems(text, Buffer.byteLength(whole.slice(0, mostCharacters - 1)));
    if (plain !== undefined) {
      const { shorter, shown, total } = plain;
      const remains = [`the result has its first ${shown} of ${total} items`];
      return withNote(shorter, joinNotes([cutNote(answered, whole.length, remains, shown), note]));
    }
  }
  const { text: shorter, remains } = cutValue(whole, mostCharacters);
  return withNote(Buffer.from(shorter), joinNotes([cutNote(answered, whole.length, remains, undefined), note]));
}

/** On the bytes themselves, so that what is shown stays as it came; `undefined` when not one item fits. */
function cutBetweenItems(text: Buffer, limit: number): { shorter: Buffer; shown: number; total: number } | undefined {
  const ends = itemEnds(text, 0, limit);
  const last = ends.at(-1);
  if (last === undefined) return undefined;
  const total = scanValue(text)?.items ?? ends.length;
  return { shorter: Buffer.concat([text.subarray(0, last), Buffer.from(']')]), shown: ends.length, total };
}

function cutValue(whole: string, most: number): CutJson {
  try {
    return cutJson(JSON.parse(whole), most);
  } catch {
    // Nested beyond what can be walked, or not quite JSON: its beginning, as a text.
    const shorter = shorten(whole, most);
    return {
      text: JSON.stringify(shorter),
      remains: [`the result is the first ${shorter.length} of ${whole.length} characters, as text`],
    };
  }
}

/** What was shown, and how to get the rest. */
function cutNote(
  { operation, args }: AnsweredOperation,
  characters: number,
  remains: readonly string[],
  shown: number | undefined,
): string {
  const said = `Cut, because it has ${characters} characters: ${remains.join('; ')}.`;
  const takesPageSize = operation.query !== undefined && 'per_page' in operation.query;
  if (shown !== undefined && shown >= SMALLEST_PAGE && takesPageSize && args.per_page !== SMALLEST_PAGE) {
    return `${said} To get the rest, call again with per_page ${Math.min(shown, LARGEST_PAGE)} and go through the pages from page_number 1.`;
  }
  return `${said} To get the rest, ask for less: ${operation.answer?.page === undefined ? 'a single item by its id' : 'filter the list, or get single items by their id'}.`;
}

function withNote(text: Buffer, note: string | undefined): Data {
  return { kind: 'data', text, ...(note === undefined ? {} : { note }) };
}

function joinNotes(notes: readonly (string | undefined)[]): string | undefined {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? undefined : said.join(' ');
}
