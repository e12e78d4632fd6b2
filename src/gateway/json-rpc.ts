/**
 * JSON-RPC 2.0 as MCP uses it: guards for what arrives, text for what leaves. Text, because answers are spliced together
 * from parts that are already JSON. Codes above zero are the gateway's own and equal the HTTP status they come with.
 */
export type RequestId = string | number;

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** The headers of a 2026-07-28 request contradict its body, or one is missing. */
export const HEADER_MISMATCH = -32020;
export const UNSUPPORTED_VERSION = -32022;

export type Fields = Record<string, unknown>;

export type Message =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: Fields }
  | { readonly kind: 'notification'; readonly method: string; readonly params: Fields }
  /** An answer to a question that a stateless server never asked. */
  | { readonly kind: 'response' }
  | { readonly kind: 'invalid'; readonly problem: string };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NO_PARAMS: Fields = {};

export function parseMessage(value: unknown): Message {
  if (!isFields(value)) return { kind: 'invalid', problem: 'a message is a JSON object' };
  if (value.jsonrpc !== '2.0') return { kind: 'invalid', problem: '"jsonrpc" must be "2.0"' };
  const { id, method, params = NO_PARAMS } = value;
  if (method === undefined && ('result' in value || 'error' in value)) return { kind: 'response' };
  if (typeof method !== 'string') return { kind: 'invalid', problem: '"method" must be a string' };
  if (!isFields(params)) return { kind: 'invalid', problem: '"params" must be an object' };
  if (id === undefined) return { kind: 'notification', method, params };
  if (typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)))
    return { kind: 'request', id, method, params };
  return { kind: 'invalid', problem: '"id" must be a string or a number' };
}

/** What stands before and after the result of an answer. */
export const BEFORE_RESULT = '{"jsonrpc":"2.0","result":';
export function afterResult(id: RequestId): string {
  return `,"id":${JSON.stringify(id)}}`;
}

/** The text of a result answer; `result` is JSON already. */
export function resultText(id: RequestId, result: string): string {
  return `${BEFORE_RESULT}${result}${afterResult(id)}`;
}

export function errorText(id: RequestId | null, code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', error: { code, message, ...(data === undefined ? {} : { data }) }, id });
}
