import { connect, createServer, type Socket } from 'node:net';

/**
 * Stands between a process and Redis and tells its connections apart by the names they give themselves, so that a test
 * can take away one of them and leave the others.
 */
export interface ConnectionProxy {
  readonly port: number;
  /** Resets every connection whose first command has `name` in it, now and until {@link restore}. */
  cut(name: string): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startConnectionProxy(targetPort: number): Promise<ConnectionProxy> {
  const named = new Map<Socket, string>();
  let refused: string | undefined;
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    client.once('close', () => named.delete(client));
    client.once('data', (first) => {
      const greeting = first.toString('latin1');
      if (refused !== undefined && greeting.includes(refused)) {
        client.resetAndDestroy();
        return;
      }
      named.set(client, greeting);
      const upstream = connect(targetPort, '127.0.0.1');
      upstream.on('error', () => client.destroy());
      upstream.once('close', () => client.destroy());
      client.once('close', () => upstream.destroy());
      upstream.write(first);
      client.pipe(upstream).pipe(client);
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
  return {
    port,
    cut(name) {
      refused = name;
      for (const [client, greeting] of named) if (greeting.includes(name)) client.resetAndDestroy();
    },
    restore() {
      refused = undefined;
    },
    async close() {
      for (const client of named.keys()) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
