import { z } from 'zod';
import type { KindDefinition } from '../src/resources/definitions.ts';

/**
 * Turns a kind's zod schemas into a CustomResourceDefinition. It refuses, rather than drops, whatever is not structural
 * (KEP-1693) or that the API server would treat otherwise than zod does, so that the schema a user's object is checked
 * against is the one the program was written for.
 */
export class NotStructuralError extends Error {
  override readonly name = 'NotStructuralError';
  readonly code = 'CRD_NOT_STRUCTURAL';
}

/** Keywords that mean the same in zod's JSON Schema and in a structural schema. */
const KEPT = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
]);

const FORMATS = new Set(['date-time', 'int32', 'int64']);

type JsonObject = { [key: string]: unknown };

export function crdFor(definition: KindDefinition): JsonObject {
  const { type } = definition;
  const status = structuralSchema(definition.status, 'status');
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${type.plural}.${type.group}`, labels: { 'app.kubernetes.io/part-of': 'crisp-mcp' } },
    spec: {
      group: type.group,
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: type.kind,
        listKind: `${type.kind}List`,
        plural: type.plural,
        singular: definition.singular,
        shortNames: [...definition.shortNames],
        categories: ['crisp'],
      },
      versions: [
        {
          name: type.version,
          served: true,
          storage: true,
          additionalPrinterColumns: definition.columns.map((column) => ({
            name: column.name,
            type: column.type,
            jsonPath: column.jsonPath,
            description: column.description,
            ...(column.priority === undefined ? {} : { priority: column.priority }),
          })),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: definition.description,
              properties: {
                apiVersion: { type: 'string', description: `${type.group}/${type.version}.` },
                kind: { type: 'string', description: `${type.kind}.` },
                metadata: { type: 'object' },
                spec: structuralSchema(definition.spec, 'spec'),
                status: { ...status, default: { observedGeneration: -1 } },
              },
              required: ['spec'],
            },
          },
          subresources: { status: {} },
        },
      ],
    },
  };
}

/** The structural form of a zod schema; throws {@link NotStructuralError} naming the place of what cannot be kept. */
export function structuralSchema(schema: z.ZodType, place: string): JsonObject {
  return convert(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), place);
}

function convert(node: unknown, place: string): JsonObject {
  if (!isObject(node)) throw new NotStructuralError(`${place}: expected a schema object`);
  if (typeof node.type !== 'string') throw new NotStructuralError(`${place}: a structural schema needs one type`);
  requireDescription(node, place);
  requireBounds(node, place);
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword === '$schema' || keyword === '~standard' || keyword === 'id') continue;
    if (keyword === 'additionalProperties') {
      if (value !== false) throw new NotStructuralError(`${place}: additionalProperties may only be false (pruning)`);
      continue;
    }
    if (!KEPT.has(keyword)) throw new NotStructuralError(`${place}: "${keyword}" is not allowed in a CRD`);
    result[keyword] = value;
  }
  return tidy(result, place);
}

function tidy(node: JsonObject, place: string): JsonObject {
  if (node.format !== undefined) {
    if (typeof node.format !== 'string' || !FORMATS.has(node.format)) {
      throw new NotStructuralError(`${place}: format "${String(node.format)}" is not one that the API server checks`);
    }
    // The format alone says it; zod's pattern for it is 500 characters long.
    delete node.pattern;
  }
  if (typeof node.pattern === 'string' && /\(\?[=!<]/.test(node.pattern)) {
    throw new NotStructuralError(`${place}: look-around is invalid in the API server's regular expressions (RE2)`);
  }
  if (node.type === 'integer') {
    node.format = 'int64';
    if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
    if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  }
  if (node.type === 'string' && node.maxLength === undefined && node.enum === undefined && node.format === undefined) {
    throw new NotStructuralError(`${place}: a string needs maxLength`);
  }
  if (isObject(node.properties)) {
    node.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, child]) => [name, convert(child, `${place}.${name}`)]),
    );
  }
  if (node.items !== undefined) node.items = convert(node.items, `${place}[]`);
  return node;
}

function requireDescription(node: JsonObject, place: string): void {
  if (typeof node.description !== 'string' || node.description === '') {
    throw new NotStructuralError(`${place}: every field needs a description (kubectl explain shows it)`);
  }
}

function requireBounds(node: JsonObject, place: string): void {
  if (node.type !== 'array') return;
  if (node.maxItems === undefined) throw new NotStructuralError(`${place}: a list needs maxItems`);
  if (node['x-kubernetes-list-type'] === undefined) {
    throw new NotStructuralError(`${place}: a list needs x-kubernetes-list-type, or apply replaces it whole`);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
