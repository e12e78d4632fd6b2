import { effectOf } from '../catalog/entry.ts';
import type { Arguments } from '../catalog/fields.ts';
import type { Operation } from '../catalog/operation.ts';
import { type CutJson, cutJson, shorten, UNKNOWN_NUMBER } from './cut.ts';
import { itemEnds, scanValue } from './envelope.ts';
import type { Incomplete } from './exchange.ts';

/**
 * A result that is too long, or of which there is only the beginning, as JSON within the cap, with the sentences that say
 * why it was cut, what was shown and how to get the rest. Never fails: whatever the data is, its beginning comes back.
 */
export interface CutResult {
  readonly text: Buffer;
  readonly note: string;
}

export interface CutOperation {
  readonly operation: Operation;
  readonly args: Arguments;
  readonly mostCharacters: number;
  readonly incomplete?: Incomplete | undefined;
}

/** Of `per_page`, where an operation takes it. */
const SMALLEST_PAGE = 20;
const LARGEST_PAGE = 50;

/** `undefined` when there is nothing to cut. `open` is the place in the data that goes on, if one does. */
export function cutResult(
  text: Buffer,
  answered: CutOperation,
  open: readonly string[] | undefined,
): CutResult | undefined {
  const { mostCharacters } = answered;
  const whole = text.toString('utf8');
  if (whole.length <= mostCharacters && open === undefined) return undefined;
  const why = open === undefined ? `it has ${whole.length} characters` : onlyTheBeginning(answered.incomplete);
  if (text[0] === 0x5b && open?.[0] === undefined) {
    const plain = cutBetweenItems(text, Buffer.byteLength(whole.slice(0, mostCharacters - 1)));
    if (plain !== undefined) {
      const { shorter, shown } = plain;
      const total = open === undefined ? (scanValue(text)?.items ?? shown) : mostItems(answered, shown);
      const remains = [`the result has its first ${shown} of ${total} items`];
      return { text: shorter, note: cutNote(answered, why, remains, shown) };
    }
  }
  const { text: shorter, remains } = cutValue(whole, mostCharacters, open);
  return { text: Buffer.from(shorter), note: cutNote(answered, why, remains, undefined) };
}

/** What is not JSON, as a JSON string. */
export function cutText(beginning: string, answered: CutOperation): CutResult {
  const shorter = shorten(beginning, answered.mostCharacters);
  const remains = [`it is not JSON, and the result is its first ${shorter.length} characters, as text`];
  return {
    text: Buffer.from(JSON.stringify(shorter)),
    note: cutNote(answered, onlyTheBeginning(answered.incomplete), remains, undefined),
  };
}

/** On the bytes themselves, so that what is shown stays as it came; `undefined` when not one item fits. */
function cutBetweenItems(text: Buffer, limit: number): { shorter: Buffer; shown: number } | undefined {
  const ends = itemEnds(text, 0, limit);
  const last = ends.at(-1);
  if (last === undefined) return undefined;
  return { shorter: Buffer.concat([text.subarray(0, last), Buffer.from(']')]), shown: ends.length };
}

function cutValue(whole: string, most: number, open: readonly string[] | undefined): CutJson {
  try {
    return cutJson(JSON.parse(whole), most, open);
  } catch {
    // Nested beyond what can be walked, or not quite JSON: its beginning, as a text.
    const shorter = shorten(whole, most);
    const total = open === undefined ? whole.length : UNKNOWN_NUMBER;
    return {
      text: JSON.stringify(shorter),
      remains: [`the result is the first ${shorter.length} of ${total} characters, as text`],
    };
  }
}

function onlyTheBeginning(incomplete: Incomplete | undefined): string {
  if (incomplete === undefined) return 'only its beginning was read';
  return `the answer has ${incomplete.isTotal ? '' : 'more than '}${incomplete.bytes} bytes and only its beginning was read`;
}

/** Of a page that nobody has seen the end of, unless it is no page of the size that was expected. */
function mostItems({ operation, args }: CutOperation, shown: number): string {
  const size = operation.answer?.page?.size?.(args);
  return size === undefined || size < shown ? UNKNOWN_NUMBER : `at most ${size}`;
}

/** Why it was cut, what was shown, and how to get the rest. */
function cutNote(
  { operation, args }: CutOperation,
  why: string,
  remains: readonly string[],
  shown: number | undefined,
): string {
  const said = `Cut, because ${why}: ${remains.join('; ')}.`;
  if (effectOf(operation) === 'write') {
    return `${said} The status of the answer says that the change was accepted. To get the rest, do not repeat the call: read it with a tool that gets or lists it.`;
  }
  const takesPageSize = operation.query !== undefined && 'per_page' in operation.query;
  if (shown !== undefined && shown >= SMALLEST_PAGE && takesPageSize && args.per_page !== SMALLEST_PAGE) {
    return `${said} To get the rest, call again with per_page ${Math.min(shown, LARGEST_PAGE)} and go through the pages from page_number 1.`;
  }
  const { rest } = operation.answer ?? {};
  if (rest !== undefined) return `${said} To get the rest, ${rest}`;
  return `${said} To get the rest, ask for less: ${operation.answer?.page === undefined ? 'a single item by its id' : 'filter the list, or get single items by their id'}.`;
}
