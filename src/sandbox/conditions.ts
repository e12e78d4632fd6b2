import { z } from 'zod';
import { InvalidData } from './answer.ts';
import { parseBody } from './body.ts';
import { isFields } from './merge.ts';

/**
 * Crisp's structured filters, which travel as JSON in a query parameter: `[{ model, criterion, operator, query[] }]`.
 * A criterion names a field by its dotted path, such as `segments` or `data.plan`; a list matches when any item does.
 */
const Condition = z.object({
  model: z.string(),
  criterion: z.string(),
  operator: z.enum(['eq', 'neq', 'gte', 'lte', 'gt', 'lt']),
  query: z.array(z.union([z.string(), z.number(), z.boolean()])),
});
export type Condition = z.infer<typeof Condition>;

const MOST_CONDITIONS = 50;
export const Conditions = z.array(Condition).max(MOST_CONDITIONS);

export function parseConditions(text: string, place: string): readonly Condition[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidData(`${place} should be valid JSON`);
  }
  return parseBody(Conditions, json, place);
}

export function satisfies(subject: unknown, conditions: readonly Condition[], combine: 'and' | 'or'): boolean {
  const met = (condition: Condition) => meets(fieldAt(subject, condition.criterion.split('.')), condition);
  return combine === 'and' ? conditions.every(met) : conditions.some(met);
}

function meets(field: unknown, { operator, query }: Condition): boolean {
  const values = Array.isArray(field) ? field : [field];
  const some = (test: (value: unknown, wanted: string | number | boolean) => boolean) =>
    values.some((value) => query.some((wanted) => test(value, wanted)));
  switch (operator) {
    case 'eq':
      return some((value, wanted) => sameText(value, wanted));
    case 'neq':
      return !some((value, wanted) => sameText(value, wanted));
    case 'gt':
      return some((value, wanted) => Number(value) > Number(wanted));
    case 'gte':
      return some((value, wanted) => Number(value) >= Number(wanted));
    case 'lt':
      return some((value, wanted) => Number(value) < Number(wanted));
    case 'lte':
      return some((value, wanted) => Number(value) <= Number(wanted));
  }
}

const sameText = (value: unknown, wanted: unknown): boolean =>
  value !== undefined && value !== null && String(value).toLowerCase() === String(wanted).toLowerCase();

function fieldAt(subject: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isFields(at) && Object.hasOwn(at, key) ? at[key] : undefined), subject);
}
