/**
 * Shortens a JSON value until its text has at most so many characters: lists lose items from their end, texts lose their
 * end, and what is small is kept whole. The outcome is always JSON of the same shape, whatever the value is, and is never
 * longer than the limit (which must be at least {@link LEAST}). Says of each place what is still there.
 */
export interface CutJson {
  readonly text: string;
  /** `messages has its first 12 of 300 items`, outermost first. */
  readonly remains: readonly string[];
}

export const LEAST = 100;
/** Beyond this depth a value that does not fit is left out whole. */
const DEEPEST = 12;
const MOST_REMARKS = 5;
const LEFT_OUT = 'null';

export function cutJson(value: unknown, most: number): CutJson {
  const remarks: { depth: number; words: string }[] = [];
  const text = within(value, most, [], (depth, words) => remarks.push({ depth, words }));
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

type Remark = (depth: number, words: string) => void;
type Path = readonly string[];

function within(value: unknown, most: number, path: Path, remark: Remark): string {
  if (typeof value === 'string') return textWithin(value, most, path, remark);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const whole = JSON.stringify(value);
  if (whole.length <= most) return whole;
  if (path.length >= DEEPEST) {
    remark(path.length, `${named(path)} is left out`);
    return LEFT_OUT;
  }
  return Array.isArray(value) ? listWithin(value, most, path, remark) : objectWithin(value, most, path, remark);
}

function textWithin(value: string, most: number, path: Path, remark: Remark): string {
  const whole = JSON.stringify(value);
  if (whole.length <= most) return whole;
  const shorter = shorten(value, most);
  remark(path.length, `${named(path)} has its first ${shorter.length} of ${value.length} characters`);
  return JSON.stringify(shorter);
}

function listWithin(items: readonly unknown[], most: number, path: Path, remark: Remark): string {
  const kept: string[] = [];
  let length = 2;
  for (const item of items) {
    const text = JSON.stringify(item);
    if (length + text.length + 1 > most) break;
    kept.push(text);
    length += text.length + 1;
  }
  // Rather the beginning of one item than nothing.
  if (kept.length === 0 && most >= LEAST) kept.push(within(items[0], most - 2, [...path, '[0]'], remark));
  if (kept.length < items.length) {
    remark(path.length, `${named(path)} has its first ${kept.length} of ${items.length} items`);
  }
  return `[${kept.join(',')}]`;
}

function objectWithin(value: object, most: number, path: Path, remark: Remark): string {
  const entries = Object.entries(value);
  const members: { name: string; key: string; member: unknown; least: number; more: number }[] = [];
  let left = most - 2;
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
    ({ name, key, member, least }) => key + within(member, rooms.get(name) ?? least, [...path, name], remark),
  );
  if (kept.length < entries.length) {
    remark(path.length, `${named(path)} has ${kept.length} of ${entries.length} fields`);
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
