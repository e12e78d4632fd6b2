import { createServer } from 'node:http';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { readTools } from './tools-file.ts';
import { upstreamText } from './upstream-text.ts';
import { webListener } from './web-listener.ts';

/** SDK v2 as its documentation shows it: its stateless handler, for clients of both eras. */
const [origin = '', path = '', file = ''] = process.argv.slice(2);
const tools = readTools(file);
const fetchText = upstreamText(origin, path);

const handler = createMcpHandler(
  () => {
    const server = new Server({ name: 'peer', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools }));
    server.setRequestHandler('tools/call', async () => ({ content: [{ type: 'text', text: await fetchText() }] }));
    return server;
  },
  { responseMode: 'json' },
);

const server = createServer(await webListener(handler.fetch));
server.listen(0, '127.0.0.1', () => process.send?.(server.address() ?? {}));
