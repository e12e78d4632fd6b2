import { z } from 'zod';
import { type CelRule, compileRule } from './cel-rule.ts';
import { define, isList, isObject, type Json, type JsonObject, member, text, toJson } from './json.ts';

/**
 * A structural schema as a tree: what the API server knows of a kind after it has read the CRD. Read from the zod
 * schemas, which are the source of the CRD too, so that both APIs check alike.
 */
export interface SchemaNode {
  readonly type: string | undefined;
  /** Absent on an object that is a free map (labels, data). */
  readonly properties?: ReadonlyMap<string, SchemaNode>;
  readonly values?: SchemaNode;
  readonly items?: SchemaNode;
  readonly required: readonly string[];
  /** How server-side apply treats a list; an object is granular unless `atomic`. */
  readonly list: ListKind;
  readonly atomic: boolean;
  readonly bounds: Bounds;
  readonly rules: readonly { readonly rule: CelRule; readonly message: string }[];
}

export type ListKind =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly keys: readonly string[] };

export interface Bounds {
  readonly values?: readonly Json[];
  readonly pattern?: RegExp;
  readonly dateTime?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

const PLAIN = { required: [], list: { kind: 'atomic' }, atomic: false, bounds: {}, rules: [] } as const;

/** Any value, without structure. */
export const scalar: SchemaNode = { ...PLAIN, type: undefined };

export const freeMap: SchemaNode = { ...PLAIN, type: 'object', values: scalar };

export function atomicObject(): SchemaNode {
  return { ...PLAIN, type: 'object', atomic: true };
}

export function record(properties: Readonly<Record<string, SchemaNode>>): SchemaNode {
  return { ...PLAIN, type: 'object', properties: new Map(Object.entries(properties)) };
}

export function listOf(list: ListKind, items: SchemaNode = scalar): SchemaNode {
  return { ...PLAIN, type: 'array', list, items };
}

export function schemaOf(schema: z.ZodType): SchemaNode {
  return readNode(toJson(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' })));
}

function readNode(json: Json | undefined): SchemaNode {
  const node: JsonObject = isObject(json) ? json : {};
  const properties = member(node, 'properties');
  const items = member(node, 'items');
  return {
    type: text(node.type),
    ...(isObject(properties)
      ? { properties: new Map(Object.entries(properties).map(([name, child]) => [name, readNode(child)])) }
      : {}),
    ...(items === undefined ? {} : { items: readNode(items) }),
    required: strings(node.required),
    list: listKind(node),
    atomic: node['x-kubernetes-map-type'] === 'atomic',
    bounds: boundsOf(node),
    rules: rulesOf(node['x-kubernetes-validations']),
  };
}

function listKind(node: JsonObject): ListKind {
  const kind = node['x-kubernetes-list-type'];
  if (kind === 'map') return { kind: 'map', keys: strings(node['x-kubernetes-list-map-keys']) };
  return { kind: kind === 'set' ? 'set' : 'atomic' };
}

function boundsOf(node: JsonObject): Bounds {
  const dateTime = node.format === 'date-time';
  const values = node.enum;
  const pattern = dateTime ? undefined : text(node.pattern);
  return {
    ...(isList(values) ? { values } : {}),
    ...(pattern === undefined ? {} : { pattern: new RegExp(pattern, 'u') }),
    ...(dateTime ? { dateTime } : {}),
    ...numbers(node, ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum']),
  };
}

function numbers(node: JsonObject, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = node[name];
      return typeof value === 'number' ? [[name, value]] : [];
    }),
  );
}

function rulesOf(json: Json | undefined): SchemaNode['rules'] {
  if (!isList(json)) return [];
  return json.map((entry) => {
    const rule = text(member(entry, 'rule')) ?? '';
    return { rule: compileRule(rule), message: text(member(entry, 'message')) ?? `failed rule: ${rule}` };
  });
}

function strings(json: Json | undefined): string[] {
  return isList(json) ? json.filter((item) => typeof item === 'string') : [];
}

/** The value without fields the schema does not name, as the API server stores it. */
export function prune(node: SchemaNode, value: Json): Json {
  if (isList(value)) {
    const { items } = node;
    return items === undefined ? value : Object.freeze(value.map((item) => prune(items, item)));
  }
  if (!isObject(value) || node.properties === undefined) return value;
  const result: Record<string, Json> = {};
  for (const [key, child] of Object.entries(value)) {
    const property = node.properties.get(key);
    if (property !== undefined) define(result, key, prune(property, child));
  }
  return Object.freeze(result);
}

/** The node of a member of an object; `undefined` for a field the schema does not name. */
export function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  return node.properties === undefined ? node.values : node.properties.get(key);
}
