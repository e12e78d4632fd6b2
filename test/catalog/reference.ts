import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The facts of Crisp's reference, as `test/fixtures/crisp-operations.json` holds them. A shape is the name of a type
 * (`string`, `instant`, `enum:a|b`, `any`, with `?null` when it may be null), a list of one shape, or an object of shapes
 * whose keys end in `!` when they are required; `*` stands for any key, `?type` for a shape by the value of `type`.
 */
export type Shape = string | null | readonly Shape[] | { readonly [key: string]: Shape };

const shape: z.ZodType<Shape> = z.lazy(() =>
  z.union([z.string(), z.null(), z.array(shape), z.record(z.string(), shape)]),
);

const ReferenceOperation = z.object({
  request: z.string(),
  tiers: z.union([z.literal('unknown'), z.array(z.enum(['website', 'plugin', 'user']))]),
  query: z.record(z.string(), shape).optional(),
  body: z.union([z.literal('any'), z.record(z.string(), shape)]).optional(),
  answer: z.object({ status: z.number().optional(), reason: z.string().optional(), data: shape.optional() }),
  example: z.object({ url: z.string(), body: z.json().optional() }).optional(),
  exampleNote: z.string().optional(),
});
export type ReferenceOperation = z.output<typeof ReferenceOperation>;

const file = join(import.meta.dirname, '../fixtures/crisp-operations.json');
const { operations } = z
  .object({ operations: z.record(z.string(), ReferenceOperation) })
  .parse(JSON.parse(readFileSync(file, 'utf8')));

export const REFERENCE: ReadonlyMap<string, ReferenceOperation> = new Map(Object.entries(operations));
