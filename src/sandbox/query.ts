import { InvalidData } from './answer.ts';
import { type Call, param } from './handler.ts';

/**
 * Paging and query parameters as Crisp spells them: the page number is the last path segment, flags are `1` or `0`,
 * dates are ISO 8601. A value that is none of these is refused as `invalid_data`.
 */
const PAGE_SIZE = 20;
const LARGEST_PAGE_SIZE = 50;

/** The page of `items` that the path asks for; past the end it is empty. */
export function pageOf<Item>(call: Call, items: readonly Item[], size = PAGE_SIZE): readonly Item[] {
  const text = param(call, 'page_number');
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidData('page_number should be >= 1');
  const start = (Number(text) - 1) * size;
  return items.slice(start, start + size);
}

/** `per_page`, kept within 20 and 50. */
export function pageSize(query: URLSearchParams): number {
  const text = query.get('per_page');
  if (text === null) return PAGE_SIZE;
  if (!/^\d{1,9}$/.test(text)) throw new InvalidData('data.per_page should be integer');
  return Math.min(Math.max(Number(text), PAGE_SIZE), LARGEST_PAGE_SIZE);
}

export function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null || text === '0' || text === '') return false;
  if (text === '1') return true;
  throw new InvalidData(`data.${name} should be equal to one of the allowed values`);
}

export function choice<Value extends string>(
  query: URLSearchParams,
  name: string,
  values: readonly Value[],
  fallback: Value,
): Value {
  const text = query.get(name);
  if (text === null) return fallback;
  const found = values.find((value) => value === text);
  if (found === undefined) throw new InvalidData(`data.${name} should be equal to one of the allowed values`);
  return found;
}

/** Milliseconds of an ISO 8601 date. */
export function date(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const instant = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw new InvalidData(`data.${name} should match format "date-time"`);
  return instant;
}

/** A timestamp in milliseconds. */
export function timestamp(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,16}$/.test(text)) throw new InvalidData(`data.${name} should be integer`);
  return Number(text);
}

/** Whether an instant lies within `filter_date_start` and `filter_date_end`. */
export function withinDates(query: URLSearchParams): (instant: number) => boolean {
  const start = date(query, 'filter_date_start') ?? Number.NEGATIVE_INFINITY;
  const end = date(query, 'filter_date_end') ?? Number.POSITIVE_INFINITY;
  return (instant) => instant >= start && instant <= end;
}
