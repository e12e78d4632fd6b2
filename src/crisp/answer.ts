import { isUtf8 } from 'node:buffer';
import { effectOf } from '../catalog/entry.ts';
import type { Arguments } from '../catalog/fields.ts';
import type { Operation } from '../catalog/operation.ts';
import { type ClosedJson, characterEnd, closeJson } from './close-json.ts';
import { type CutResult, cutResult, cutText } from './cut-result.ts';
import { type Span, scanObject, scanValue } from './envelope.ts';
import type { Incomplete } from './exchange.ts';

/**
 * From the bytes of a successful answer to the text a model receives: the envelope's `data`, byte for byte, with a note
 * where there is something to say (the next page, the end). Only three things are worth more than that: an operation with
 * secrets in its answer is parsed and redacted, a result above the cap (or of which there is only the beginning) is cut
 * between two items (or, where one is too large by itself, within it) and says so, and what is not JSON is not passed off
 * as a result (the beginning of it is shown as text, and called that).
 */
export type Data =
  | { readonly kind: 'data'; readonly text: Buffer; readonly note?: string; readonly truncated?: true }
  | { readonly kind: 'unreadable'; readonly problem: string };

const NOT_JSON: Data = { kind: 'unreadable', problem: 'it is not JSON' };
const EMPTY_OBJECT = Buffer.from('{}');
/** For an operation that has no words of its own for it. */
const ACCEPTED = 'Accepted: Crisp carries it out asynchronously, so that it may take a moment until it can be seen.';
export const REDACTED = '[redacted]';

export interface AnsweredOperation {
  readonly operation: Operation;
  readonly args: Arguments;
  readonly status: number;
  readonly body: Buffer;
  /** Set when `body` is only the beginning. */
  readonly incomplete?: Incomplete | undefined;
  /** Only this member of the data. */
  readonly take?: string;
  /** Most characters of a result; bytes are counted where that makes no difference. */
  readonly mostCharacters: number;
}

export function readAnswer(answered: AnsweredOperation): Data {
  const { operation, args, body } = answered;
  if (operation.answer?.exists) return { kind: 'data', text: Buffer.from(`{"exists":${answered.status < 300}}`) };
  if (body.length === 0) return { kind: 'data', text: EMPTY_OBJECT };
  const closed = answered.incomplete === undefined ? undefined : closeJson(body);
  if (answered.incomplete !== undefined && closed === undefined) return asText(answered);
  const json = closed?.text ?? body;
  const found = findData(json, answered.take);
  if (typeof found === 'string') return { kind: 'unreadable', problem: found };
  const text = redact(json.subarray(found.start, found.end), operation.answer?.redact);
  if (text === undefined) return NOT_JSON;
  const open = closed === undefined ? undefined : openWithin(closed, found);
  const page = open === undefined ? pageNote(operation, args, found.items) : openPageNote(operation, args);
  const note = joinNotes([doneNote(answered, text), page, operation.answer?.note]);
  if (text.length <= answered.mostCharacters && open === undefined) return withNote(text, note);
  const cut = cutResult(text, answered, open);
  return cut === undefined ? withNote(text, note) : withCut(cut, note);
}

/** The place in the data that goes on beyond the beginning; `undefined` when the data is whole. */
function openWithin({ open }: ClosedJson, data: Span): readonly string[] | undefined {
  const index = open.findIndex(({ start }) => start === data.start);
  return index === -1 ? undefined : open.slice(index + 1).map(({ name }) => name);
}

/** Whether it would be JSON in the end nobody knows, nor where the secrets in it are. */
function asText(answered: AnsweredOperation): Data {
  const { operation, body } = answered;
  const text = body.subarray(0, characterEnd(body, body.length));
  if (operation.answer?.redact !== undefined || !isUtf8(text)) return NOT_JSON;
  return withCut(cutText(text.toString('utf8'), answered), undefined);
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
  return effectOf(operation) === 'write' && text.equals(EMPTY_OBJECT) ? 'Done.' : undefined;
}

function pageNote(operation: Operation, args: Arguments, items: number | undefined): string | undefined {
  const page = operation.answer?.page;
  if (page === undefined || items === undefined) return undefined;
  const number = pageNumber(args);
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

/** Of a page whose items nobody has counted. */
function openPageNote(operation: Operation, args: Arguments): string | undefined {
  if (operation.answer?.page === undefined) return undefined;
  const number = pageNumber(args);
  return `Page ${number}. More, if any: page_number ${number + 1}; an empty page is the end.`;
}

function pageNumber(args: Arguments): number {
  return typeof args.page_number === 'number' ? args.page_number : 1;
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

function withNote(text: Buffer, note: string | undefined): Data {
  return { kind: 'data', text, ...(note === undefined ? {} : { note }) };
}

function withCut({ text, note }: CutResult, other: string | undefined): Data {
  return { kind: 'data', text, note: other === undefined ? note : `${note} ${other}`, truncated: true };
}

function joinNotes(notes: readonly (string | undefined)[]): string | undefined {
  const said = notes.filter((note) => note !== undefined);
  return said.length === 0 ? undefined : said.join(' ');
}
