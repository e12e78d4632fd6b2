import type { Server } from 'node:http';
import { systemClock, type Timer } from '../process/clock.ts';

/**
 * A server that listens, and its end. It closes as soon as nothing is left to answer: no more connections, each that is
 * there once it is idle, and all after a time. Connections are judged right after the event loop has read what arrived,
 * so that one is not called idle while its next request lies unread. On the system's clock, since it waits for sockets
 * and not for anything that a test decides.
 */
export interface Listener {
  /** Origin on which it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Resolves when the last connection has gone, which is after `within` milliseconds at the latest. */
  close(within: number): Promise<void>;
}

const SWEEP = 20;

/** Fails when the port cannot be had. `port` may be 0, for any free one. */
export function listen(server: Server, host: string, port: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({ ...addressOf(server, host), close: (within) => closeServer(server, within) });
    });
  });
}

function addressOf(server: Server, host: string): { url: string; port: number } {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port };
}

function closeServer(server: Server, within: number): Promise<void> {
  return new Promise((resolve) => {
    let sweeping: Timer | undefined;
    const sweep = () => {
      server.closeIdleConnections();
      sweeping = systemClock.setTimer(SWEEP, () => setImmediate(sweep));
    };
    const giveUp = systemClock.setTimer(within, () => server.closeAllConnections());
    const close = () => {
      // Closes idle connections too.
      server.close(() => {
        giveUp.cancel();
        sweeping?.cancel();
        resolve();
      });
      sweep();
    };
    setImmediate(close);
  });
}
