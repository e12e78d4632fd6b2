import { MOST_OPEN } from './close-json.ts';

/**
 * Shortens a JSON value until its text has at most so many characters: lists lose items from their end, texts lose their
 * end, and what is small is kept whole. The outcome is always JSON of the same shape, whatever the value is, and is never
 * longer than the limit (which must be at least {@link LEAST}). Says of each place what is still there. Of a value of which
 * only the beginning is known, `open` names the places that go on, as {@link OpenValue} does: they are spoken of even when
 * nothing of them is taken away.
 */
export interface CutJson {
  readonly text: string;
  /** `messages has its first 12 of 300 items`, outermost first. */
  readonly remains: readonly string[];
}

export const LEAST = 100;
/** Of the items, characters or fields of a place that goes on. */
export const UNKNOWN_NUMBER = 'an unknown number of';
/** Beyond this depth a value that does not fit is left out whole. */
const DEEPEST = MOST_OPEN;
const MOST_REMARKS = 5;
const LEFT_OUT = 'null';

export function cutJson(value: unknown, most: number, open?: Path): CutJson {
  const remarks: { depth: number; words: string }[] = [];
  const text = within(value, most, [], { remark: (depth, words) => remarks.push({ depth, words }), open });
  const ordered = remarks.sort((a, b) => a.depth - b.depth).map(({ words }) => words);
  const more = ordered.length - MOST_REMARKS;
  return { text, remains: more > 0 ? [...ordered.slice(0, MOST_REMARKS), `so have ${more} more places`] : ordered };
}

/** The longest beginning of `value` whose JSON is no longer than `most` characters; no character is cut in two. */
export function shorten(value: string, most: number): string {
  let low = 0;
  let high = Math.min(value.length, Math.max(0, most - 2));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (JSON.stringify(value.slice(0, middle)).length <= most) low = middle;
    else high = middle - 1;
  }
  const last = value.charCodeAt(low - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff && low < value.length;
  return value.slice(0, isHalf ? low - 1 : low);
}

type Path = readonly string[];

interface Cutting {
  readonly remark: (depth: number, words: string) => void;
  /** The innermost place that goes on; those around it do too. */
  readonly open: Path | undefined;
}

function within(value: unknown, most: number, path: Path, cutting: Cutting): string {
  if (typeof value === 'string') return textWithin(value, most, path, cutting);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const whole = JSON.stringify(value);
  if (whole.length <= most && !isOpen(path, cutting)) return whole;
  if (path.length >= DEEPEST) {
    cutting.remark(path.length, `${named(path)} is left out`);
    return LEFT_OUT;
  }
  return Array.isArray(value) ? listWithin(value, most, path, cutting) : objectWithin(value, most, path, cutting);
}

function isOpen(path: Path, { open }: Cutting): boolean {
  return open !== undefined && path.length <= open.length && path.every((name, depth) => name === open[depth]);
}

function textWithin(value: string, most: number, path: Path, cutting: Cutting): string {
  const whole = JSON.stringify(value);
  const goesOn = isOpen(path, cutting);
  if (whole.length <= most && !goesOn) return whole;
  const shorter = whole.length <= most ? value : shorten(value, most);
  const total = goesOn ? UNKNOWN_NUMBER : value.length;
  cutting.remark(path.length, `${named(path)} has its first ${shorter.length} of ${total} characters`);
  return JSON.stringify(shorter);
}

function listWithin(items: readonly unknown[], most: number, path: Path, cutting: Cutting): string {
  const goesOn = isOpen(path, cutting);
  const firstPath = [...path, '[0]'];
  const kept: string[] = [];
  let length = 1;
  // A first item that goes on is the only one.
  for (const item of isOpen(firstPath, cutting) ? [] : items) {
    const text = JSON.stringify(item);
    if (length + text.length + 1 > most) break;
    kept.push(text);
    length += text.length + 1;
  }
  // Rather the beginning of one item than nothing.
  if (kept.length === 0 && items.length > 0 && (most >= LEAST || JSON.stringify(items[0]).length <= most - 2)) {
    kept.push(within(items[0], most - 2, firstPath, cutting));
  }
  if (kept.length < items.length || goesOn) {
    const total = goesOn ? UNKNOWN_NUMBER : items.length;
    cutting.remark(path.length, `${named(path)} has its first ${kept.length} of ${total} items`);
  }
  return `[${kept.join(',')}]`;
}

function objectWithin(value: object, most: number, path: Path, cutting: Cutting): string {
  const goesOn = isOpen(path, cutting);
  const entries = Object.entries(value);
  const members: { name: string; key: string; member: unknown; least: number; more: number }[] = [];
  let left = most - 1;
  for (const [name, member] of entries) {
    const key = `${JSON.stringify(name)}:`;
    const least = shortest(member);
    left -= key.length + least + 1;
    if (left < 0) break;
    members.push({ name, key, member, least, more: JSON.stringify(member).length - least });
  }
  left = Math.max(left, 0);
  // Small members first: what they leave of their share of the room goes to the larger ones.
  const rooms = new Map<string, number>();
  for (const [index, { name, least, more }] of members.toSorted((a, b) => a.more - b.more).entries()) {
    const share = Math.min(more, Math.floor(left / (members.length - index)));
    rooms.set(name, least + share);
    left -= share;
  }
  const kept = members.map(
    ({ name, key, member, least }) => key + within(member, rooms.get(name) ?? least, [...path, name], cutting),
  );
  if (kept.length < entries.length || goesOn) {
    const total = goesOn ? UNKNOWN_NUMBER : entries.length;
    cutting.remark(path.length, `${named(path)} has ${kept.length} of ${total} fields`);
  }
  return `{${kept.join(',')}}`;
}

/** How short a value can be made. */
function shortest(member: unknown): number {
  if (typeof member === 'string') return 2;
  return typeof member === 'object' && member !== null ? LEFT_OUT.length : JSON.stringify(member).length;
}

function named(path: Path): string {
  if (path.length === 0) return 'the result';
  const text = path.join('.').replaceAll('.[', '[');
  return text.length <= 80 ? text : `${text.slice(0, 79).toWellFormed()}…`;
}
