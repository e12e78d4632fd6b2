import { pathFields } from '../catalog/entry.ts';
import type { Arguments } from '../catalog/fields.ts';
import type { HttpMethod, Operation } from '../catalog/operation.ts';
import type { JsonValue } from '../catalog/tool.ts';
import { encodeSegment, encodeTreePath, UnsafePathError } from './segment.ts';

/**
 * From an operation and its arguments to the HTTP request, in the way of Crisp's official client: the page in the path,
 * flags of the query as 1 and 0, structures in it as JSON, and `{}` as the body of a POST, PUT or PATCH that has none.
 * Guarantees that the request stays in the path its template describes, whatever the arguments, and that `website_id` is
 * the account's.
 */
export interface CrispRequest {
  readonly method: HttpMethod;
  /** With `/v1` and the query. */
  readonly path: string;
  readonly body?: string;
}

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'website' }
  | { readonly kind: 'segment' | 'tree'; readonly name: string; readonly fallback: JsonValue | undefined };

export type RequestBuilder = (args: Arguments, websiteId: string) => CrispRequest;

const builders = new WeakMap<Operation, RequestBuilder>();

export function buildRequest(operation: Operation, args: Arguments, websiteId: string): CrispRequest {
  let builder = builders.get(operation);
  if (builder === undefined) {
    builder = compile(operation);
    builders.set(operation, builder);
  }
  return builder(args, websiteId);
}

function compile(operation: Operation): RequestBuilder {
  const { method } = operation;
  const parts = pathParts(operation);
  return (args, websiteId) => {
    const path = writePath(parts, args, websiteId);
    const query = writeQuery(operation, args);
    const body = writeBody(operation, args);
    return { method, path: query === '' ? path : `${path}?${query}`, ...(body === undefined ? {} : { body }) };
  };
}

function pathParts(operation: Operation): readonly Part[] {
  const fields = pathFields(operation);
  return operation.path.split(/(\{\w+\})/).map((piece) => {
    const name = piece.startsWith('{') ? piece.slice(1, -1) : undefined;
    if (name === undefined) return { kind: 'literal', text: piece };
    if (name === 'website_id') return { kind: 'website' };
    return { kind: name === 'path' ? 'tree' : 'segment', name, fallback: fields[name]?.schema.default };
  });
}

function writePath(parts: readonly Part[], args: Arguments, websiteId: string): string {
  let path = '/v1';
  for (const part of parts) {
    if (part.kind === 'literal') path += part.text;
    else if (part.kind === 'website') path += encodeSegment('website_id', websiteId);
    else {
      const value = pathText(part.name, args[part.name] ?? part.fallback ?? '');
      path += part.kind === 'tree' ? encodeTreePath(part.name, value) : encodeSegment(part.name, value);
    }
  }
  return path;
}

function pathText(name: string, value: JsonValue): string {
  if (typeof value === 'object') throw new UnsafePathError(name, 'must be a string or a number');
  return String(value);
}

function writeQuery(operation: Operation, args: Arguments): string {
  if (operation.query === undefined) return '';
  const given: { [name: string]: JsonValue } = {};
  for (const name of Object.keys(operation.query)) {
    const value = args[name] ?? operation.query[name]?.schema.default;
    if (value !== undefined && value !== null) given[name] = value;
  }
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(operation.toQuery?.(given) ?? given)) query.append(name, queryText(value));
  return query.toString();
}

function queryText(value: JsonValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function writeBody(operation: Operation, args: Arguments): string | undefined {
  if (operation.toBody !== undefined) return JSON.stringify(operation.toBody(args));
  if (operation.body === undefined) {
    return operation.method === 'POST' || operation.method === 'PUT' || operation.method === 'PATCH' ? '{}' : undefined;
  }
  const body: { [name: string]: unknown } = {};
  for (const [name, field] of Object.entries(operation.body)) {
    const value = args[name] ?? (args[name] === null ? null : field.schema.default);
    if (value !== undefined) body[name] = field.wire === undefined ? value : field.wire(value);
  }
  return JSON.stringify(body);
}
