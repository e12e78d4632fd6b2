import {
  Client as V2Client,
  StreamableHTTPClientTransport as V2HttpTransport,
  type Transport as V2Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as V2StdioTransport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';
import type { Connect, MatrixClient } from './matrix.ts';

/** The official SDKs' clients as clients of the matrix, over HTTP, over HTTP+SSE, and over a program's stdio. */
export type Mode = 'legacy' | 'auto' | { pin: string };

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const IDENTITY = { name: 'matrix', version: '1.0.0' };
const Result = z.object({
  content: z.array(z.object({ text: z.string() })),
  isError: z.boolean().default(false),
});

export const v1OverHttp: Connect = (url) => connectV1(new StreamableHTTPClientTransport(new URL(url)));

export const v1OverSse: Connect = (url) => connectV1(new SSEClientTransport(new URL(url)));

export function v1OverStdio(programFor: (url: string) => Program): Connect {
  return (url) => {
    const { command, args, env = {} } = programFor(url);
    return connectV1(new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: 'ignore' }));
  };
}

export function v2OverHttp(mode: Mode): Connect {
  return (url) => connectV2(new V2HttpTransport(new URL(url)), mode);
}

export function v2OverStdio(programFor: (url: string) => Program, mode: Mode): Connect {
  return (url) => {
    const { command, args, env = {} } = programFor(url);
    return connectV2(new V2StdioTransport({ command, args: [...args], env: { ...env }, stderr: 'ignore' }), mode);
  };
}

async function connectV1(transport: unknown): Promise<MatrixClient> {
  const client = new V1Client(IDENTITY);
  await client.connect(v1Transport(transport));
  return asMatrixClient(client);
}

async function connectV2(transport: V2Transport, mode: Mode): Promise<MatrixClient> {
  const client = new V2Client(IDENTITY, { versionNegotiation: { mode } });
  await client.connect(transport);
  return asMatrixClient(client);
}

function asMatrixClient(client: {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}): MatrixClient {
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name) => {
      const { content, isError } = Result.parse(await client.callTool({ name, arguments: {} }));
      return { isError, text: content.map(({ text }) => text).join('\n') };
    },
    close: () => client.close(),
  };
}

/** The SDK's transports declare optional members in a way that its own interface does not accept strictly. */
function v1Transport(transport: unknown): Parameters<V1Client['connect']>[0] {
  const known = [StreamableHTTPClientTransport, SSEClientTransport, StdioClientTransport];
  if (known.some((kind) => transport instanceof kind)) return transport as Parameters<V1Client['connect']>[0];
  throw new TypeError('not a transport');
}
