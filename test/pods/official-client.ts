import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { AnyClient } from '../e2e/mcp-client.ts';

/** The official client, by a given `fetch`. */
export async function connectThrough(url: string, fetchBy: typeof fetch): Promise<AnyClient> {
  const client = new Client({ name: 'pods', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: fetchBy }));
  return client;
}
