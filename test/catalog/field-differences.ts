import type { JsonSchema, JsonValue } from '../../src/catalog/tool.ts';
import type { Shape } from './reference.ts';

/**
 * Where a schema of ours says something else than the reference: a member that one has and the other lacks, another type,
 * other values, or not required though the reference requires it. Stricter forms of a string (a format, a pattern, values
 * documented elsewhere) are no difference.
 */
export interface Difference {
  readonly place: string;
  readonly problem: string;
}

function fieldDifferences(shape: Shape, schema: JsonSchema | undefined, place: string): readonly Difference[] {
  if (schema === undefined) return [{ place, problem: 'is missing' }];
  if (shape === 'any' || shape === null) return [];
  if (typeof shape === 'string') return scalarDifferences(shape, schema, place);
  if (isList(shape)) {
    const [item = 'any'] = shape;
    return typesOf(schema).includes('array')
      ? fieldDifferences(item, asSchema(schema.items), `${place}.[]`)
      : [{ place, problem: 'should be a list' }];
  }
  return objectDifferences(shape, schema, place);
}

export function membersDifferences(
  shape: { readonly [key: string]: Shape },
  properties: { readonly [name: string]: JsonSchema },
  required: ReadonlySet<string>,
  place: string,
): readonly Difference[] {
  const known = Object.entries(shape).map(([key, inner]) => ({ name: key.replace(/!$/, ''), key, inner }));
  const names = new Set(known.map(({ name }) => name));
  const at = (name: string) => (place === '' ? name : `${place}.${name}`);
  return [
    ...known.flatMap(({ name, key, inner }) => {
      const schema = properties[name];
      const optional = key.endsWith('!') && schema !== undefined && !required.has(name) && schema.default === undefined;
      return [
        ...fieldDifferences(inner, schema, at(name)),
        ...(optional ? [{ place: at(name), problem: 'should be required' }] : []),
      ];
    }),
    ...Object.keys(properties)
      .filter((name) => !names.has(name))
      .map((name) => ({ place: at(name), problem: 'is not in the reference' })),
  ];
}

function objectDifferences(
  shape: { readonly [key: string]: Shape },
  schema: JsonSchema,
  place: string,
): readonly Difference[] {
  if (shape['?type'] !== undefined) return schema.anyOf === undefined ? [{ place, problem: 'should vary' }] : [];
  if (!typesOf(schema).includes('object')) return [{ place, problem: 'should be an object' }];
  const any = shape['*'];
  if (any !== undefined) {
    return isSchema(schema.additionalProperties)
      ? fieldDifferences(any, schema.additionalProperties, `${place}.*`)
      : [{ place, problem: 'should have any keys' }];
  }
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const members = Object.fromEntries(
    Object.entries(properties).flatMap(([name, each]) => (isSchema(each) ? [[name, each] as const] : [])),
  );
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return membersDifferences(shape, members, new Set(required), place);
}

function scalarDifferences(shape: string, schema: JsonSchema, place: string): readonly Difference[] {
  const [kind = '', suffix] = shape.split('?');
  const types = typesOf(schema);
  const wrong = (wanted: string) => [{ place, problem: `should be ${wanted}, is ${types.join('|') || 'anything'}` }];
  if (suffix === 'null' && !types.includes('null')) return wrong('nullable');
  if (kind === 'enum:0|1') return types.includes('boolean') ? [] : wrong('a flag');
  if (kind.startsWith('enum:')) {
    const values = kind.slice('enum:'.length).split('|').sort().join('|');
    // Values with a wildcard, such as `urn:*`, are a pattern of ours.
    if (values.includes('*')) return typeof schema.pattern === 'string' ? [] : wrong('a pattern');
    const ours = isList(schema.enum) ? [...schema.enum].map(String).sort().join('|') : '';
    return ours === values ? [] : [{ place, problem: `should be one of ${values}` }];
  }
  if (kind === 'json') return types.includes('array') ? [] : wrong('a structure');
  if (kind === 'object') return types.includes('object') ? [] : wrong('an object');
  const wanted = kind === 'instant' ? ['string'] : kind.split('|');
  return wanted.every((type) => types.includes(type) || schema.type === undefined) ? [] : wrong(wanted.join('|'));
}

function typesOf(schema: JsonSchema): readonly string[] {
  const { type } = schema;
  if (isList(type)) return type.map(String);
  return type === undefined ? [] : [String(type)];
}

function asSchema(value: JsonValue | undefined): JsonSchema | undefined {
  return isSchema(value) ? value : undefined;
}

function isSchema(value: JsonValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList<Item>(value: Item | readonly Item[] | undefined): value is readonly Item[] {
  return Array.isArray(value);
}
