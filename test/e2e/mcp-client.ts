import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, request } from 'undici';
import { z } from 'zod';

/**
 * How tests speak MCP: through the official SDKs' clients where the point is that real clients work, and by one plain POST
 * where the point is the HTTP answer and the moment it was sent.
 */
export interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const identity = { name: 'e2e', version: '1.0.0' };

export async function connectV1(url: string): Promise<AnyClient> {
  const client = new V1Client(identity);
  const transport: unknown = new V1Transport(new URL(url));
  await client.connect(asTransport(transport));
  return client;
}

/** The SDK's transport declares an optional session id in a way that its own interface does not accept strictly. */
function asTransport(transport: unknown): Parameters<V1Client['connect']>[0] {
  if (transport instanceof V1Transport) return transport as Parameters<V1Client['connect']>[0];
  throw new TypeError('not a transport');
}

export async function connectV2(url: string): Promise<AnyClient> {
  const client = new ModernClient(identity, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(url)));
  return client;
}

export const OFFICIAL_CLIENTS = [
  ['the v1 SDK client', connectV1],
  ['the v2 SDK client pinned to 2026-07-28', connectV2],
] as const;

/** What a client got, and when it asked: wall clock, milliseconds. */
export interface McpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
  readonly sentAt: number;
  readonly answeredAt: number;
}

const dispatcher = new Agent({ connections: 32, keepAliveTimeout: 2_000 });

/** One JSON-RPC request of the 2025-11-25 era, as the HTTP answer it gets. Rejects when there is no answer at all. */
export async function mcpRequest(url: string, method: string, params: object = {}): Promise<McpAnswer> {
  const sentAt = Date.now();
  const response = await request(url, {
    dispatcher,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  });
  const text = await response.body.text();
  const retryAfter = response.headers['retry-after'];
  return {
    status: response.statusCode,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    body: text === '' ? undefined : JSON.parse(text),
    sentAt,
    answeredAt: Date.now(),
  };
}

const ToolList = z.object({ result: z.object({ tools: z.array(z.object({ name: z.string() })) }) });

/** The names that `tools/list` gives; fails on any other answer. */
export async function listTools(url: string): Promise<string[]> {
  const answer = await mcpRequest(url, 'tools/list');
  if (answer.status !== 200) throw new Error(`tools/list answers ${answer.status}: ${JSON.stringify(answer.body)}`);
  return ToolList.parse(answer.body).result.tools.map((tool) => tool.name);
}

const ToolResult = z.object({
  result: z.object({
    content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
    isError: z.boolean().optional(),
    structuredContent: z.unknown().optional(),
  }),
});

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
}

/** `tools/call`; fails unless the answer is a tool's result (which may be an error of the tool). */
export async function callTool(url: string, name: string, args: object = {}): Promise<ToolAnswer> {
  const answer = await mcpRequest(url, 'tools/call', { name, arguments: args });
  const parsed = ToolResult.safeParse(answer.body);
  if (!parsed.success) throw new Error(`${name} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
  const { content, isError = false } = parsed.data.result;
  return { isError, text: content.map((item) => item.text ?? '').join('\n') };
}

/** Calls a tool and gives the data that Crisp answered; fails when the tool says that it failed. */
export type ToolUser = (name: string, args: Record<string, unknown>) => Promise<unknown>;

const Content = z.object({
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
  isError: z.boolean().optional(),
});

export function toolUser(client: AnyClient): ToolUser {
  return async (name, args) => {
    const { content, isError } = Content.parse(await client.callTool({ name, arguments: args }));
    // A note, such as how to get the next page, precedes the data.
    const data = content.at(-1)?.text ?? '';
    if (isError === true) throw new Error(`${name} says: ${data}`);
    return JSON.parse(data);
  };
}
