import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { CatalogEntry } from '../catalog/entry.ts';
import { type Arguments, type Fields, objectSchema } from '../catalog/fields.ts';
import type { Problem } from '../catalog/operation.ts';
import type { JsonSchema } from '../catalog/tool.ts';
import { describeProblem } from './problem-sentences.ts';

/**
 * Whether arguments fit a tool. One validator a tool, compiled in idle moments or when it is first needed, and kept;
 * the options leave out what a schema of ours does not need. All problems come back at once, so that a model can correct
 * a call in one step.
 */
export type Validation =
  | { readonly kind: 'valid'; readonly args: Arguments }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

const MOST_PROBLEMS = 20;
const NO_ARGUMENTS: Arguments = {};

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: false,
  meta: false,
  validateSchema: false,
  addUsedSchema: false,
  messages: false,
  logger: false,
  code: { optimize: false },
  formats: {
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
    email: /^[^\s@]+@[^\s@]+$/,
    uri: /^https?:\/\/[^\s/?#]+\S*$/i,
    'date-time': {
      type: 'string',
      validate: (value: string) =>
        /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)$/.test(value) &&
        !Number.isNaN(Date.parse(value)),
    },
  },
});

const compiled = new Map<string, ValidateFunction<Arguments>>();

export function validateArguments(entry: CatalogEntry, args: unknown): Validation {
  const value = args === undefined ? NO_ARGUMENTS : args;
  const validate = validatorFor(entry);
  if (validate(value)) {
    const problems = entry.check(value);
    return problems.length === 0 ? { kind: 'valid', args: value } : { kind: 'invalid', problems };
  }
  return { kind: 'invalid', problems: describeErrors(validate.errors ?? [], entry.fields) };
}

/** Compiles what is not compiled yet, one validator each turn of the event loop, so that no first call waits for it. */
export function compileWhenIdle(entries: readonly CatalogEntry[], signal: AbortSignal): void {
  const next = (index: number): void => {
    const entry = entries[index];
    if (entry === undefined || signal.aborted) return;
    setImmediate(() => {
      if (signal.aborted) return;
      validatorFor(entry);
      next(index + 1);
    }).unref();
  };
  next(0);
}

function validatorFor(entry: CatalogEntry): ValidateFunction<Arguments> {
  const { name } = entry.tool;
  let validate = compiled.get(name);
  if (validate === undefined) {
    validate = ajv.compile<Arguments>(validationSchema(entry.fields));
    compiled.set(name, validate);
  }
  return validate;
}

/**
 * The published schema shows an argument whose shape depends on another as a list of alternatives. Here the other's value
 * chooses one of them, so that the errors are of the shape that was meant.
 */
function validationSchema(fields: Fields): JsonSchema {
  const conditions = Object.entries(fields).flatMap(([name, field]) =>
    field.variants === undefined ? [] : variantConditions(name, field.variants),
  );
  const plain = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      field.variants === undefined ? field : { ...field, schema: {} },
    ]),
  );
  return { ...objectSchema(plain), ...(conditions.length === 0 ? {} : { allOf: conditions }) };
}

function variantConditions(name: string, variants: { by: string; fields: Fields }): readonly JsonSchema[] {
  return Object.entries(variants.fields).map(([value, field]) => ({
    if: { properties: { [variants.by]: { const: value } }, required: [variants.by] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { [name]: field.schema } },
  }));
}

function describeErrors(errors: readonly ErrorObject[], fields: Fields): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    const problem = describeProblem(error, fields);
    if (problem !== undefined) problems.set(`${problem.field} ${problem.message}`, problem);
    if (problems.size === MOST_PROBLEMS) break;
  }
  return [...problems.values()];
}
