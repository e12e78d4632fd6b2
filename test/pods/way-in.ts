import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { kubectl } from './people.ts';

/**
 * How a client outside of the cluster reaches a Service inside: by its name, which is resolved to a node's address, at its
 * node port. The same for every kind of cluster, and it goes through kube-proxy as traffic of the cluster does.
 */
export interface WayIn {
  /** `http://<service>.<namespace>.svc:<port>` */
  readonly origin: string;
  /** Resolves that name; for clients that take a `fetch`. */
  readonly fetch: typeof fetch;
  readonly dispatcher: Agent;
  /** For an Agent of one's own. */
  readonly connect: { readonly lookup: LookupFunction };
  /** Where to connect, for a proxy. */
  readonly address: string;
  readonly port: number;
}

const Nodes = z.object({
  items: z.array(
    z.object({ status: z.object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })) }) }),
  ),
});

export async function wayInto(namespace: string, service: string): Promise<WayIn> {
  const nodes = Nodes.parse(JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])));
  const addresses = nodes.items.flatMap((node) => node.status.addresses);
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address;
  const nodePort = await kubectl([
    '-n',
    namespace,
    'get',
    'service',
    service,
    '-o',
    'jsonpath={.spec.ports[0].nodePort}',
  ]);
  const port = Number(nodePort);
  if (address === undefined || !Number.isInteger(port)) throw new Error(`no way into Service ${namespace}/${service}`);
  const connect: WayIn['connect'] = {
    lookup: (_name, options, callback) => {
      if (options.all) callback(null, [{ address, family: 4 }]);
      else callback(null, address, 4);
    },
  };
  const dispatcher = new Agent({ connect });
  return {
    origin: `http://${service}.${namespace}.svc:${port}`,
    fetch: fetchThrough(dispatcher),
    dispatcher,
    connect,
    address,
    port,
  };
}

/** `fetch` by a dispatcher of ours, which Node's own does not take. */
export function fetchThrough(dispatcher: Agent): typeof fetch {
  return async (input, init) => {
    const { url, method, headers, signal, body } = new Request(input, init);
    const answer = await request(url, {
      dispatcher,
      method: z.enum(['GET', 'POST', 'DELETE']).parse(method),
      headers: Object.fromEntries(headers),
      body: body === null ? null : await new Response(body).bytes(),
      signal,
    });
    const given = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const isEmpty = answer.statusCode === 204 || answer.statusCode === 304;
    return new Response(isEmpty ? null : answer.body, { status: answer.statusCode, headers: given });
  };
}

/** One POST of JSON-RPC; the status alone. Rejects when there is no answer. */
export async function postStatus(url: string, method: string, way: Pick<WayIn, 'dispatcher'>): Promise<number> {
  const { statusCode, body } = await request(url, {
    dispatcher: way.dispatcher,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} }),
    headersTimeout: 15_000,
    bodyTimeout: 15_000,
  });
  await body.dump();
  return statusCode;
}
