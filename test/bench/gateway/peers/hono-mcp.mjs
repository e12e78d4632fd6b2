// @ts-nocheck What it imports is installed only when the bench runs, next to a copy of this file.
import { readFileSync } from 'node:fs';
import { StreamableHTTPTransport } from '@hono/mcp';
import { serve } from '@hono/node-server';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Hono } from 'hono';
import { Pool } from 'undici';

/** Hono with its MCP transport: a server and a transport a request, JSON answers, no session. */
const [origin, path, file] = process.argv.slice(2);
const tools = JSON.parse(readFileSync(file, 'utf8'));
const pool = new Pool(origin, { connections: 64 });

const app = new Hono();
app.all('*', async (context) => {
  const server = new Server({ name: 'peer', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async () => {
    const { body } = await pool.request({ method: 'GET', path });
    return { content: [{ type: 'text', text: await body.text() }] };
  });
  const transport = new StreamableHTTPTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(context);
});

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address) => process.send({ port: address.port }));
