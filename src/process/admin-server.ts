import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

/**
 * The operational port of a process, apart from the one it serves users on: `/healthz` (the process runs), `/readyz`
 * (it may receive work; 503 with the reasons otherwise) and `/metrics` (Prometheus text). Nothing here needs or shows a
 * secret. Three fixed answers need no framework, which would hold several megabytes of every process.
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

const PLAIN = 'text/plain; charset=utf-8';

export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { metrics, notReady } = options;
  const server = createServer((request, response) => {
    request.resume();
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, PLAIN, 'GET only\n');
    if (path === '/healthz') return send(response, 200, PLAIN, 'ok\n');
    if (path === '/readyz') {
      const reasons = notReady();
      return send(response, reasons.length === 0 ? 200 : 503, PLAIN, `${reasons.join('\n') || 'ok'}\n`);
    }
    if (path !== '/metrics') return send(response, 404, PLAIN, 'Not found\n');
    metrics.metrics().then(
      (text) => send(response, 200, metrics.contentType, text),
      () => send(response, 500, PLAIN, 'The metrics could not be collected\n'),
    );
  });
  server.listen(options.port, options.host);
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

/** A HEAD gets the same head; Node leaves the body out. */
function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
