import type { IncomingHttpHeaders } from 'node:http';
import {
  type Fields,
  HEADER_MISMATCH,
  INVALID_PARAMS,
  INVALID_REQUEST,
  isFields,
  type Message,
  UNSUPPORTED_VERSION,
} from './json-rpc.ts';

/**
 * Which MCP era a message belongs to. The body decides: a message whose `params._meta` names a protocol version is
 * modern (2026-07-28), and its headers must then agree with it; without that it is legacy. A modern header on a body
 * without the envelope is an error and never taken for legacy. Source: the MCP specification 2026-07-28, "Streamable
 * HTTP" and SEP-2243; earlier revisions for the legacy rules.
 */
export const MODERN_VERSION = '2026-07-28';
const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
/** Assumed of a legacy request without a version header, as the specification says. */
const UNNAMED_VERSION = '2025-03-26';
/** Batches were taken out of the protocol with 2025-06-18. */
const BATCH_VERSIONS: readonly string[] = ['2025-03-26', '2024-11-05'];

export const VERSION_META = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_CAPABILITIES_META = 'io.modelcontextprotocol/clientCapabilities';
export const CLIENT_INFO_META = 'io.modelcontextprotocol/clientInfo';
export const SERVER_INFO_META = 'io.modelcontextprotocol/serverInfo';
export const SUBSCRIPTION_ID_META = 'io.modelcontextprotocol/subscriptionId';

export type Era = 'legacy' | 'modern';

export type EraVerdict =
  | { readonly era: Era; readonly version: string }
  | { readonly era: 'refused'; readonly code: number; readonly message: string; readonly data?: unknown };

type Call = Extract<Message, { kind: 'request' | 'notification' }>;

export function eraOf(message: Call, headers: IncomingHttpHeaders): EraVerdict {
  const header = headerText(headers, 'mcp-protocol-version');
  const meta = isFields(message.params._meta) ? message.params._meta : undefined;
  const claimed = meta !== undefined && VERSION_META in meta;
  if (message.method === 'initialize' && !(claimed && meta[VERSION_META] === MODERN_VERSION)) {
    return header === MODERN_VERSION
      ? mismatch('initialize belongs to earlier protocol versions, but MCP-Protocol-Version names 2026-07-28')
      : legacy(undefined);
  }
  if (claimed) return modern(message, meta, header, headers);
  if (header !== MODERN_VERSION) return legacy(header);
  if (message.kind === 'notification') return methodAgrees(message, headers) ?? { era: 'modern', version: header };
  const missing =
    meta === undefined ? ['_meta'] : [VERSION_META, CLIENT_CAPABILITIES_META].filter((key) => !(key in meta));
  return missingEnvelope(missing);
}

function modern(message: Call, meta: Fields, header: string | undefined, headers: IncomingHttpHeaders): EraVerdict {
  const version = meta[VERSION_META];
  if (typeof version !== 'string') return missingEnvelope([VERSION_META]);
  if (message.kind === 'request' && !isFields(meta[CLIENT_CAPABILITIES_META])) {
    return missingEnvelope([CLIENT_CAPABILITIES_META]);
  }
  if (header !== undefined && header !== version) {
    return mismatch(
      `the body names protocol version ${quote(version)}, the header MCP-Protocol-Version ${quote(header)}`,
    );
  }
  const wrongMethod = methodAgrees(message, headers);
  if (wrongMethod !== undefined) return wrongMethod;
  if (version !== MODERN_VERSION) return unsupported(version, [MODERN_VERSION]);
  if (message.kind === 'notification') return { era: 'modern', version };
  if (header === undefined) return mismatch('the header MCP-Protocol-Version is missing');
  if (headerText(headers, 'mcp-method') === undefined) return mismatch('the header Mcp-Method is missing');
  return nameAgrees(message, headers) ?? { era: 'modern', version };
}

function legacy(header: string | undefined): EraVerdict {
  if (header !== undefined && !LEGACY_VERSIONS.includes(header)) {
    return unsupported(header, [MODERN_VERSION, ...LEGACY_VERSIONS]);
  }
  return { era: 'legacy', version: header ?? UNNAMED_VERSION };
}

function methodAgrees(message: Call, headers: IncomingHttpHeaders): EraVerdict | undefined {
  const named = headerText(headers, 'mcp-method');
  if (named === undefined || named === message.method) return undefined;
  return mismatch(`the body calls ${quote(message.method)}, the header Mcp-Method ${quote(named)}`);
}

const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

function nameAgrees(message: Call, headers: IncomingHttpHeaders): EraVerdict | undefined {
  const field = Object.hasOwn(NAMED_BY, message.method) ? NAMED_BY[message.method] : undefined;
  const value = field === undefined ? undefined : message.params[field];
  if (typeof value !== 'string') return undefined;
  const header = headerText(headers, 'mcp-name');
  if (header === undefined) return mismatch(`the header Mcp-Name is missing; the body has params.${field}`);
  const named = decodeName(header);
  if (named === undefined) return mismatch('the header Mcp-Name is not valid Base64 between =?base64? and ?=');
  return named === value ? undefined : mismatch(`the header Mcp-Name differs from params.${field} of the body`);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeName(header: string): string | undefined {
  if (!header.startsWith('=?base64?') || !header.endsWith('?=')) return header;
  const encoded = header.slice('=?base64?'.length, -'?='.length);
  return BASE64.test(encoded) ? Buffer.from(encoded, 'base64').toString('utf8') : undefined;
}

/** The version that decides whether an array of messages is acceptable; `undefined` when it is. */
export function refuseBatch(headers: IncomingHttpHeaders): Extract<EraVerdict, { era: 'refused' }> | undefined {
  const version = headerText(headers, 'mcp-protocol-version') ?? UNNAMED_VERSION;
  if (BATCH_VERSIONS.includes(version)) return undefined;
  const message = `Protocol version ${quote(version)} has no batches: send one message a request.`;
  return { era: 'refused', code: INVALID_REQUEST, message };
}

/** The version answered to `initialize`: the one asked for if it is known, else the newest with a handshake. */
export function negotiate(asked: unknown): string {
  const newest = LEGACY_VERSIONS[0] ?? UNNAMED_VERSION;
  return typeof asked === 'string' && LEGACY_VERSIONS.includes(asked) ? asked : newest;
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function mismatch(what: string): EraVerdict {
  return { era: 'refused', code: HEADER_MISMATCH, message: `Headers and body of the request disagree: ${what}.` };
}

function missingEnvelope(missing: readonly string[]): EraVerdict {
  const message = `A request of protocol version ${MODERN_VERSION} must carry params._meta with ${missing.join(' and ')}.`;
  return { era: 'refused', code: INVALID_PARAMS, message, data: { missing } };
}

function unsupported(requested: string, supported: readonly string[]): EraVerdict {
  return {
    era: 'refused',
    code: UNSUPPORTED_VERSION,
    message: `Protocol version ${quote(requested)} is not supported; supported are ${supported.join(', ')}.`,
    data: { supported, requested: requested.slice(0, 64) },
  };
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
