import type { JsonSchema, JsonValue } from './tool.ts';

/**
 * The words in which arguments of tools are written down. Each makes one {@link Field}: a JSON-Schema fragment of the
 * subset that every MCP client takes, and as short as it can be, because a model pays for every byte. Bounds stand only
 * where Crisp is known to have them; the size of a whole call is bounded by the gateway.
 * A field is optional until {@link required} says otherwise. An empty description is left out: nested members whose
 * names say everything need none.
 */
export interface Field {
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** How the value is written in a JSON body, where that differs from how it was passed. */
  readonly wire?: (value: JsonValue) => unknown;
  /** One schema for each value of another argument; `schema` shows them as alternatives. */
  readonly variants?: { readonly by: string; readonly fields: Fields };
  /** Places in it that take what no schema describes. */
  readonly open?: readonly OpenPlace[];
}

/** A place of which the reference does not say what it holds. Each is counted in `docs/tools.md`. */
export interface OpenPlace {
  /** Below the field: `.filter`, `.[].data`; empty for the field itself. */
  readonly place: string;
  /** How the reference marks it, such as `shape not found`. */
  readonly mark: string;
}

export type Fields = { readonly [name: string]: Field };

/** Arguments of a tool once they are known to fit its schema. */
export type Arguments = { readonly [name: string]: JsonValue };

function field(description: string, schema: JsonSchema): Field {
  return { schema: description === '' ? schema : { ...schema, description }, required: false };
}

export function required(of: Field): Field {
  return { ...of, required: true };
}

/** Left out means `value`; the request always carries it. */
export function defaulting(of: Field, value: JsonValue): Field {
  return { ...of, schema: { ...of.schema, default: value } };
}

export function nullable(of: Field): Field {
  const { type } = of.schema;
  if (typeof type !== 'string') throw new Error('nullable() takes a field of one type');
  const wire = of.wire;
  return {
    ...of,
    schema: { ...of.schema, type: [type, 'null'] },
    ...(wire === undefined ? {} : { wire: (value) => (value === null ? null : wire(value)) }),
  };
}

export function text(description: string, bounds: { min?: number; max?: number } = {}): Field {
  const { min, max } = bounds;
  return field(description, {
    type: 'string',
    ...(min === undefined ? {} : { minLength: min }),
    ...(max === undefined ? {} : { maxLength: max }),
  });
}

export function matching(description: string, pattern: string, max?: number): Field {
  return field(description, { type: 'string', pattern, ...(max === undefined ? {} : { maxLength: max }) });
}

export function uuid(description: string): Field {
  return field(description, { type: 'string', format: 'uuid' });
}

export function email(description: string): Field {
  return field(description, { type: 'string', format: 'email', maxLength: 254 });
}

export function url(description: string): Field {
  return field(description, { type: 'string', format: 'uri' });
}

/** An instant as Crisp takes it in queries: ISO 8601 with a time zone. */
export function dateTime(description: string): Field {
  return field(description, { type: 'string', format: 'date-time', maxLength: 40 });
}

/** An instant as Crisp has it in data: milliseconds since 1970. */
export function timestamp(description: string): Field {
  return whole(description, { min: 1 });
}

export function flag(description: string): Field {
  return field(description, { type: 'boolean' });
}

export function whole(description: string, bounds: { min?: number; max?: number } = {}): Field {
  const { min, max } = bounds;
  return field(description, {
    type: 'integer',
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  });
}

export function decimal(description: string): Field {
  return field(description, { type: 'number' });
}

export function choice(description: string, values: readonly string[]): Field {
  return field(description, { type: 'string', enum: values });
}

/** A string, a number or true/false: what Crisp takes as a value of custom data. */
export function scalar(description: string): Field {
  return field(description, { type: ['string', 'number', 'boolean'] });
}

/** Any JSON value, where the reference says no more; `mark` is how it says so. */
export function anything(description: string, mark: string): Field {
  return { ...field(description, {}), open: [{ place: '', mark }] };
}

/** An object of any members, where the reference says no more; `mark` is how it says so. */
export function openObject(description: string, mark: string): Field {
  return { ...field(description, { type: 'object' }), open: [{ place: '', mark }] };
}

export function list(description: string, items: Field, bounds: { min?: number; max?: number } = {}): Field {
  const { min, max } = bounds;
  const { wire } = items;
  return {
    ...field(description, {
      type: 'array',
      items: items.schema,
      ...(min === undefined ? {} : { minItems: min }),
      ...(max === undefined ? {} : { maxItems: max }),
    }),
    ...(wire === undefined
      ? {}
      : { wire: (value: JsonValue) => (Array.isArray(value) ? value.map((item) => wire(item)) : value) }),
    ...openIn({ '[]': items }),
  };
}

/** An object of exactly these members. */
export function object(description: string, members: Fields): Field {
  return { ...field(description, objectSchema(members)), ...openIn(members) };
}

/** An object of any keys with values of one kind; scalars when nothing else is said. */
export function dictionary(description: string, values: Field = scalar('')): Field {
  return { ...field(description, { type: 'object', additionalProperties: values.schema }), ...openIn({ '*': values }) };
}

/** A different schema for each value of the argument `by`; no other value of it is possible. */
export function variants(description: string, by: string, fields: Fields): Field {
  const alternatives = new Map(Object.values(fields).map(({ schema }) => [JSON.stringify(schema), unclosed(schema)]));
  return {
    schema: { description, anyOf: [...alternatives.values()] },
    required: false,
    variants: { by, fields },
    ...openIn(fields),
  };
}

function openIn(members: Fields): Pick<Field, 'open'> {
  const open = Object.entries(members).flatMap(([name, member]) =>
    (member.open ?? []).map(({ place, mark }) => ({ place: `.${name}${place}`, mark })),
  );
  return open.length === 0 ? {} : { open };
}

/** Alternatives are shown without saying at each object that it has no other members; they are validated as written. */
function unclosed(schema: JsonSchema): JsonSchema {
  const shown = Object.entries(schema).flatMap(([key, value]) =>
    key === 'additionalProperties' && value === false ? [] : [[key, unclosedValue(value)]],
  );
  return Object.fromEntries(shown);
}

function unclosedValue(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(unclosedValue);
  return typeof value === 'object' && value !== null ? unclosed(value) : value;
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

export function objectSchema(members: Fields): JsonSchema {
  const names = Object.keys(members).filter((name) => members[name]?.required);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(members).map(([name, member]) => [name, member.schema])),
    ...(names.length === 0 ? {} : { required: names }),
    additionalProperties: false,
  };
}
