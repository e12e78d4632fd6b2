import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

/**
 * A plain TCP balancer with health checks, as a cloud's or a Service is one: it asks each backend's `/readyz` over and
 * over, gives new connections to the ready ones in turn, and leaves those that stand alone, whatever becomes of their
 * backend. It knows nothing of HTTP and repeats nothing.
 */
export interface Backend {
  /** Origin it serves on. */
  readonly url: string;
  /** Origin of its `/readyz`. */
  readonly adminUrl: string;
}

export interface Balancer {
  readonly url: string;
  add(backend: Backend): void;
  /** Whether new connections may go to it. */
  isReady(backend: Backend): boolean;
  close(): Promise<void>;
}

const CHECK_INTERVAL = 50;
const CHECK_TIMEOUT = 2_000;

export async function startBalancer(): Promise<Balancer> {
  const backends: Backend[] = [];
  const ready = new Set<Backend>();
  const sockets = new Set<Socket>();
  const stopped = new AbortController();
  let turn = 0;

  const check = async (backend: Backend): Promise<void> => {
    while (!stopped.signal.aborted) {
      const answer = await request(`${backend.adminUrl}/readyz`, {
        headersTimeout: CHECK_TIMEOUT,
        bodyTimeout: CHECK_TIMEOUT,
      }).catch(() => undefined);
      await answer?.body.dump().catch(() => undefined);
      if (answer?.statusCode === 200) ready.add(backend);
      else ready.delete(backend);
      await sleep(CHECK_INTERVAL);
    }
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const candidates = backends.filter((backend) => ready.has(backend));
    const backend = candidates[turn++ % candidates.length];
    if (backend === undefined) {
      client.resetAndDestroy();
      return;
    }
    const { port, hostname } = new URL(backend.url);
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the balancer has no port'));
      else resolve(address.port);
    });
  });
  const checks: Promise<void>[] = [];
  return {
    url: `http://127.0.0.1:${port}`,
    add(backend) {
      backends.push(backend);
      checks.push(check(backend));
    },
    isReady: (backend) => ready.has(backend),
    async close() {
      stopped.abort();
      for (const socket of sockets) socket.destroy();
      await Promise.all([...checks, new Promise((resolve) => server.close(resolve))]);
    },
  };
}
