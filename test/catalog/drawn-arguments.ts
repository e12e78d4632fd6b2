import fc from 'fast-check';
import { type CatalogEntry, pathFields, pathParameters } from '../../src/catalog/entry.ts';
import type { Arguments, Field, Fields } from '../../src/catalog/fields.ts';
import type { Operation, Problem } from '../../src/catalog/operation.ts';
import { OPERATIONS } from '../../src/catalog/operations/index.ts';
import type { JsonSchema, JsonValue } from '../../src/catalog/tool.ts';

/**
 * Arguments drawn from the schemas of the catalogue: whatever is drawn is valid for them. Values for a path are of the
 * kind that real identifiers are, so that they need no escaping.
 */
export function validArguments(
  operation: Operation,
  fields: Fields,
  without: readonly string[],
): fc.Arbitrary<Arguments> {
  const used = Object.entries(fields).filter(([name]) => !without.includes(name));
  return drawn(used, new Set(Object.keys(pathFields(operation))), (args) => operation.check?.(args) ?? []);
}

/** Valid arguments of a tool, without `website_id`. */
export function drawnArguments(entry: CatalogEntry): fc.Arbitrary<Arguments> {
  const used = Object.entries(entry.fields).filter(([name]) => name !== 'website_id');
  const operations = OPERATIONS.filter(({ id }) => entry.tool.operations.includes(id));
  return drawn(used, new Set(operations.flatMap(pathParameters)), entry.check);
}

function drawn(
  used: readonly (readonly [string, Field])[],
  inPath: ReadonlySet<string>,
  check: (args: Arguments) => readonly Problem[],
): fc.Arbitrary<Arguments> {
  const required = used.filter(([, field]) => field.required).map(([name]) => name);
  return fc
    .record(Object.fromEntries(used.map(([name, field]) => [name, drawArgument(name, field, inPath.has(name))])), {
      requiredKeys: required,
      noNullPrototype: true,
    })
    .chain((args) => withVariants(args, used))
    .filter((args) => check(args).length === 0);
}

/** Arguments whose shape another decides are drawn once the other is known. */
function withVariants(args: Arguments, used: readonly (readonly [string, Field])[]): fc.Arbitrary<Arguments> {
  const dependent = used.flatMap(([name, field]) => {
    const chosen = field.variants?.fields[String(args[field.variants.by])];
    return chosen === undefined ? [] : [[name, fromSchema(chosen.schema)] as const];
  });
  return fc.record(Object.fromEntries(dependent), { noNullPrototype: true }).map((values) => ({ ...args, ...values }));
}

const UUID = fc.uuid();
const SLUG = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
const KEY = fc.stringMatching(/^[a-z]{1,8}$/);
const SCALAR = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const ANYTHING: fc.Arbitrary<JsonValue> = fc.oneof(
  SCALAR,
  fc.array(SCALAR, { maxLength: 3 }),
  fc.dictionary(KEY, SCALAR, { maxKeys: 3, noNullPrototype: true }),
);
const IN_PATH: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  session_id: UUID.map((uuid) => `session_${uuid}`),
  people_id: fc.oneof(
    UUID,
    fc.emailAddress().filter((address) => !/[/?#%`{}^|]/.test(address)),
  ),
  locale: fc.constantFrom('en', 'fr', 'pt-br'),
  // Of these Crisp publishes no form.
  original_id: SLUG,
  entity_id: SLUG,
  change_id: SLUG,
  redirection_id: SLUG,
  action: SLUG,
  token_id: SLUG,
  rule: SLUG,
  path: fc.array(SLUG, { minLength: 1, maxLength: 3 }).map((slugs) => `${slugs.join('/')}.md`),
};

function drawArgument(name: string, field: Field, inPath: boolean): fc.Arbitrary<JsonValue> {
  if (field.variants !== undefined) return fc.constant('');
  return (inPath ? IN_PATH[name] : undefined) ?? fromSchema(field.schema);
}

function fromSchema(schema: JsonSchema): fc.Arbitrary<JsonValue> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (schema.type === undefined) return ANYTHING;
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).map(String);
  // The client writes a fingerprint given as a string as a string; this program always as a number.
  const drawn = types.includes('integer') ? ['integer'] : types;
  return fc.oneof(...drawn.map((type) => ofType(type, schema)));
}

function ofType(type: string, schema: JsonSchema): fc.Arbitrary<JsonValue> {
  switch (type) {
    case 'string':
      return ofString(schema);
    case 'integer':
      return fc.integer({
        min: typeof schema.minimum === 'number' ? schema.minimum : -1000,
        max: Math.min(typeof schema.maximum === 'number' ? schema.maximum : 2 ** 31, 2 ** 31),
      });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
    case 'boolean':
      return fc.boolean();
    case 'array':
      return isSchema(schema.items)
        ? fc.array(fromSchema(schema.items), { minLength: Number(schema.minItems ?? 0), maxLength: 3 })
        : fc.constant([]);
    case 'object':
      return ofObject(schema);
    default:
      return fc.constant(null);
  }
}

function ofString(schema: JsonSchema): fc.Arbitrary<string> {
  if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern), { maxLength: 60 });
  switch (schema.format) {
    case 'uuid':
      return UUID;
    case 'email':
      return fc.emailAddress();
    case 'uri':
      return fc.webUrl();
    case 'date-time':
      return fc
        .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString());
    default:
      return fc.string({ unit: 'grapheme', minLength: Number(schema.minLength ?? 0), maxLength: 12 });
  }
}

function ofObject(schema: JsonSchema): fc.Arbitrary<JsonValue> {
  if (!isSchema(schema.properties)) {
    const values = isSchema(schema.additionalProperties) ? fromSchema(schema.additionalProperties) : ANYTHING;
    return fc.dictionary(KEY, values, { maxKeys: 3, noNullPrototype: true });
  }
  const members = Object.entries(schema.properties).flatMap(([name, each]) =>
    isSchema(each) ? [[name, fromSchema(each)] as const] : [],
  );
  const requiredKeys = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return fc.record(Object.fromEntries(members), { requiredKeys, noNullPrototype: true });
}

function isSchema(value: JsonValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
