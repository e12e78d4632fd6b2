// @ts-nocheck What it imports is installed only when the bench runs, next to a copy of this file.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { FastMCP } from 'fastmcp';
import { Pool } from 'undici';
import { z } from 'zod';

/** fastmcp in its stateless mode with JSON answers. It wants schemas of zod, so the tools' are converted. */
const [origin, path, file] = process.argv.slice(2);
const pool = new Pool(origin, { connections: 64 });

const server = new FastMCP({ name: 'peer', version: '1.0.0' });
for (const { name, description, inputSchema } of JSON.parse(readFileSync(file, 'utf8'))) {
  server.addTool({
    name,
    description,
    parameters: z.fromJSONSchema(inputSchema),
    execute: async () => {
      const { body } = await pool.request({ method: 'GET', path });
      return body.text();
    },
  });
}

const port = await freePort();
await server.start({
  transportType: 'httpStream',
  httpStream: { port, host: '127.0.0.1', endpoint: '/mcp', stateless: true, enableJsonResponse: true },
});
process.send({ port });

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
