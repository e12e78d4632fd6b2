import type { Arguments } from '../catalog/fields.ts';
import type { Operation } from '../catalog/operation.ts';
import { itemEnds, type Span, scanObject, scanValue } from './envelope.ts';

/**
 * From the bytes of a successful answer to the text a model receives: the envelope's `data`, byte for byte, with a note
 * where there is something to say (the next page, the end). Only three things are worth more than that: an operation with
 * secrets in its answer is parsed and redacted, a result above the cap is cut between two items, and what is not JSON is
 * not passed off as a result.
 */
export type Data =
  | { readonly kind: 'data'; readonly text: Buffer; readonly note?: string }
  | { readonly kind: 'unreadable'; readonly problem: string }
  | { readonly kind: 'too large' };

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
  return cut(text, answered.mostCharacters, note);
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

function cut(text: Buffer, mostCharacters: number, note: string | undefined): Data {
  const characters = text.toString('utf8').length;
  if (characters <= mostCharacters) return withNote(text, note);
  if (text[0] === 0x5b) return cutArray(text, mostCharacters, note);
  if (text[0] === 0x22) return cutString(text, mostCharacters, note);
  return cutLongestMember(text, mostCharacters, note);
}

function cutArray(text: Buffer, mostCharacters: number, note: string | undefined): Data {
  const ends = itemEnds(text, 0, mostCharacters - 1);
  const last = ends.at(-1);
  if (last === undefined) return { kind: 'too large' };
  const total = scanValue(text)?.items ?? ends.length;
  return withNote(
    Buffer.concat([text.subarray(0, last), Buffer.from(']')]),
    joinNotes([
      `Cut: the first ${ends.length} of the ${total} items that Crisp sent, because all are longer than ${mostCharacters} characters. Ask for fewer (per_page, a filter) to see the others.`,
      note,
    ]),
  );
}

function cutString(text: Buffer, mostCharacters: number, note: string | undefined): Data {
  const value = parse(text);
  if (typeof value !== 'string') return { kind: 'too large' };
  const shorter = shorten(value, mostCharacters - 2);
  return withNote(
    Buffer.from(JSON.stringify(shorter)),
    joinNotes([`Cut: the first ${shorter.length} of ${value.length} characters.`, note]),
  );
}

/** An object is mostly too large for one long text in it, such as an article's. */
function cutLongestMember(text: Buffer, mostCharacters: number, note: string | undefined): Data {
  const value = parse(text);
  if (typeof value !== 'object' || value === null) return { kind: 'too large' };
  const [longest] = Object.entries(value)
    .flatMap(([name, member]) => (typeof member === 'string' ? [{ name, member }] : []))
    .sort((a, b) => b.member.length - a.member.length);
  if (longest === undefined) return { kind: 'too large' };
  const others = JSON.stringify({ ...value, [longest.name]: '' }).length;
  if (others >= mostCharacters) return { kind: 'too large' };
  const shorter = shorten(longest.member, mostCharacters - others);
  return withNote(
    Buffer.from(JSON.stringify({ ...value, [longest.name]: shorter })),
    joinNotes([`Cut: ${longest.name} has its first ${shorter.length} of ${longest.member.length} characters.`, note]),
  );
}

/** The longest beginning whose JSON is no longer than `most` characters, quotes not counted. */
function shorten(value: string, most: number): string {
  let low = 0;
  let high = Math.min(value.length, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (JSON.stringify(value.slice(0, middle)).length - 2 <= most) low = middle;
    else high = middle - 1;
  }
  return value.slice(0, low).toWellFormed();
}

function withNote(text: Buffer, note: string | undefined): Data {
  return { kind: 'data', text, ...(note === undefined ? {} : { note }) };
}

function joinNotes(notes: readonly (string | undefined)[]): string | undefined {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? undefined : said.join(' ');
}
