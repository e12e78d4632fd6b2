import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';

/** From a web-standard handler to Node, by the adapter that the SDKs themselves bring along. */
export async function webListener(fetch: (request: Request) => Promise<Response>): Promise<RequestListener> {
  const require = createRequire(import.meta.resolve('@modelcontextprotocol/sdk/server/index.js'));
  const adapter: { getRequestListener: (fetch: unknown) => RequestListener } = await import(
    require.resolve('@hono/node-server')
  );
  return adapter.getRequestListener(fetch);
}
