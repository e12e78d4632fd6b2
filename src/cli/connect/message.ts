/**
 * What the bridge needs to know of a message that passes through it: whether an answer is awaited, and the headers that
 * its protocol version wants beside the body. Messages are passed on as they are, whatever they say.
 */
export type MessageId = string | number;
export type Fields = Readonly<Record<string, unknown>>;

export interface PassingMessage {
  readonly body: unknown;
  readonly id: MessageId | undefined;
  readonly method: string | undefined;
  readonly params: Fields;
}

const VERSION_META = 'io.modelcontextprotocol/protocolVersion';
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readMessage(body: unknown): PassingMessage {
  const { id, method, params } = isFields(body) ? body : {};
  return {
    body,
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method: typeof method === 'string' ? method : undefined,
    params: isFields(params) ? params : {},
  };
}

/** `negotiated` is the version that `initialize` ended with; a message of 2026-07-28 names its own. */
export function headersFor({ method, params }: PassingMessage, negotiated: string | undefined): Record<string, string> {
  const own = isFields(params._meta) ? params._meta[VERSION_META] : undefined;
  if (typeof own !== 'string') {
    return negotiated === undefined || method === 'initialize' ? {} : { 'mcp-protocol-version': negotiated };
  }
  const name = params[NAMED_BY.get(method ?? '') ?? ''];
  return {
    'mcp-protocol-version': own,
    ...(method === undefined ? {} : { 'mcp-method': method }),
    ...(typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}),
  };
}

/** As the specification encodes what a header cannot carry. */
function headerValue(text: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?');
  return plain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
