import type { z } from 'zod';
import type { EffectiveOwner, SpecReading, TokenOwner } from './situation.ts';

/**
 * Reads a spec once for each version of its object. The CRD has validated it already; what it let through all the same
 * (an older CRD, a date that no calendar has) becomes a reason to show rather than an exception.
 */
export interface SpecReaderOptions<O extends TokenOwner, E extends EffectiveOwner> {
  schema: z.ZodType;
  effective: (owner: O) => E;
  /** What is wrong although the schema holds; `undefined` when nothing is. */
  problem?: (effective: E) => string | undefined;
}

export function specReader<O extends TokenOwner, E extends EffectiveOwner>(
  options: SpecReaderOptions<O, E>,
): (owner: O) => SpecReading<E> {
  const readings = new WeakMap<O, SpecReading<E>>();
  return (owner) => {
    const known = readings.get(owner);
    if (known !== undefined) return known;
    const reading = read(owner, options);
    readings.set(owner, reading);
    return reading;
  };
}

function read<O extends TokenOwner, E extends EffectiveOwner>(
  owner: O,
  { schema, effective, problem }: SpecReaderOptions<O, E>,
): SpecReading<E> {
  const parsed = schema.safeParse(owner.spec);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map((issue) => `spec.${issue.path.join('.')}: ${issue.message}.`);
    return { kind: 'invalid', message: problems.join(' ') };
  }
  const filledIn = effective(owner);
  if (filledIn.expiresAt !== undefined && Number.isNaN(filledIn.expiresAt)) {
    return { kind: 'invalid', message: 'spec.expiresAt is not an instant that exists.' };
  }
  const message = problem?.(filledIn);
  return message === undefined ? { kind: 'valid', effective: filledIn } : { kind: 'invalid', message };
}
