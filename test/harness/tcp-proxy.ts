import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/**
 * Stands between a process and a server it needs, so that a test can take the network away without touching either:
 * `cut` refuses and resets as a machine that is down does, `freeze` swallows everything as a broken link does. Both last
 * until `restore`; what was frozen is dropped, never delivered late.
 */
export interface TcpProxy {
  readonly port: number;
  cut(): void;
  freeze(): void;
  restore(): void;
  close(): Promise<void>;
}

type State = 'open' | 'cut' | 'frozen';

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; server: Socket | undefined }>();
  let state: State = 'open';
  const server = createServer((client) => accept(client));
  const port = await listen(server);

  function accept(client: Socket): void {
    client.on('error', () => client.destroy());
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = state === 'frozen' ? undefined : dial(targetPort, '127.0.0.1');
    const pair = { client, server: upstream };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream?.destroy();
    };
    client.once('close', end);
    upstream?.once('close', end);
    upstream?.on('error', end);
    if (upstream === undefined) {
      client.resume();
      return;
    }
    client.pipe(upstream).pipe(client);
  }

  const dropAll = (): void => {
    for (const { client, server: upstream } of [...pairs]) {
      client.resetAndDestroy();
      upstream?.destroy();
    }
    pairs.clear();
  };

  return {
    port,
    cut() {
      state = 'cut';
      dropAll();
    },
    freeze() {
      state = 'frozen';
      for (const { client, server: upstream } of pairs) {
        client.unpipe();
        upstream?.unpipe();
        client.resume();
        upstream?.resume();
      }
    },
    restore() {
      if (state === 'frozen') dropAll();
      state = 'open';
    },
    async close() {
      dropAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
}
