import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Metrics } from './metrics.ts';

/**
 * The operational port of a process, apart from the one it serves users on: `/healthz` (the process runs), `/readyz`
 * (it may receive work; 503 with the reasons otherwise) and `/metrics` (Prometheus text). Nothing here needs or shows a
 * secret.
 */
export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminServerOptions {
  host: string;
  port: number;
  metrics: Metrics;
  /** Reasons why the process is not ready; an empty list means ready. */
  notReady: () => readonly string[];
}

export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = options.notReady();
    response.status(reasons.length === 0 ? 200 : 503).type('text/plain');
    response.send(reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    const text = await options.metrics.metrics();
    response.type(options.metrics.contentType).send(text);
  });
  const server = app.listen(options.port, options.host);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
