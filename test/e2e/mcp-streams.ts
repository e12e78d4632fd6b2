import { type OpenStream, openStream } from '../../src/gateway/open-stream.ts';

/** The streams that clients hold open, as bare HTTP: what counts is when they end and what is said last. */
const MODERN = '2026-07-28';
const LISTEN = {
  jsonrpc: '2.0',
  id: 1,
  method: 'subscriptions/listen',
  params: {
    notifications: { toolsListChanged: true },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': { name: 'e2e', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};

/** `subscriptions/listen` of 2026-07-28. */
export async function listen(url: string): Promise<OpenStream> {
  const { port, pathname } = new URL(url);
  const stream = await openStream({
    port: Number(port),
    path: pathname,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': MODERN,
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify(LISTEN),
  });
  return begun(stream);
}

/** HTTP+SSE of 2024. */
export async function openLegacySse(url: string): Promise<OpenStream> {
  const { port, pathname } = new URL(url);
  const headers = { accept: 'text/event-stream' };
  return begun(await openStream({ port: Number(port), path: pathname, method: 'GET', headers }));
}

async function begun(stream: OpenStream): Promise<OpenStream> {
  if (stream.status !== 200) throw new Error(`a stream is answered ${stream.status}`);
  await stream.next(() => true);
  return stream;
}
