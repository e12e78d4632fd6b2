import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { readTools } from './tools-file.ts';
import { upstreamText } from './upstream-text.ts';

/** SDK v1 as its documentation shows it: its express application, a server and a transport a request, JSON answers, no session. */
const [origin = '', path = '', file = ''] = process.argv.slice(2);
const tools = readTools(file);
const fetchText = upstreamText(origin, path);

const app = createMcpExpressApp();
app.use(async (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => {
  const server = new Server({ name: 'peer', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async () => ({
    content: [{ type: 'text', text: await fetchText() }],
  }));
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => void transport.close());
  await server.connect(asTransport(transport));
  await transport.handleRequest(request, response, request.body);
});

/** The class and the interface of the SDK disagree under strict options of the compiler. */
function asTransport(transport: unknown): Transport {
  if (transport instanceof StreamableHTTPServerTransport) return transport as Transport;
  throw new TypeError('not a transport');
}

const server = createServer(app);
server.listen(0, '127.0.0.1', () => process.send?.(server.address() ?? {}));
