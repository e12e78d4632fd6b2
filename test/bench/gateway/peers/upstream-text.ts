import { Pool } from 'undici';

/** How each peer reaches the upstream: the fast way of Node, so that what differs is the peer. */
export function upstreamText(origin: string, path: string): () => Promise<string> {
  const pool = new Pool(origin, { connections: 64 });
  return async () => {
    const { body } = await pool.request({ method: 'GET', path });
    return body.text();
  };
}
