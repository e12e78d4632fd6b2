import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../crisp/outcome.ts';
import { systemClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { createMetrics } from '../process/metrics.ts';
import { createMemoryRouteStore } from '../routes/memory-route-store.ts';
import { hashToken } from '../routes/token.ts';
import { accountRecord, FakeCaller, routeRecord, success, TOKEN } from './fakes.ts';
import { createGateway } from './gateway.ts';

/** The official SDKs' clients against the real catalogue and the memory store: the same four things in every mode. */
async function start() {
  const store = createMemoryRouteStore({ clock: systemClock });
  const epoch = await store.takeEpoch(0);
  await store.putAccount(epoch, accountRecord());
  await store.putRoute(epoch, hashToken(TOKEN), routeRecord({ filter: { methods: ['read'] } }));
  await store.markVerified(epoch);
  const caller = new FakeCaller();
  const gateway = await createGateway({
    reader: store,
    caller,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics({ process: 'gateway', runtime: false }),
    config: { host: '127.0.0.1', port: 0 },
    accessLog: { write: () => undefined },
  });
  return {
    url: new URL(`${gateway.url}/mcp/${TOKEN}`),
    caller,
    revoke: () => store.deleteRoutes(epoch, 'server-uid'),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await store.close();
    },
  };
}

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(params: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>;
  getServerVersion(): { name: string } | undefined;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

const identity = { name: 'test', version: '1.0.0' };

async function v1(url: URL): Promise<AnyClient> {
  const client = new V1Client(identity);
  const transport: unknown = new V1Transport(url);
  await client.connect(asTransport(transport));
  return client;
}

/** The SDK's transport declares an optional session id in a way that its own interface does not accept strictly. */
function asTransport(transport: unknown): Parameters<V1Client['connect']>[0] {
  if (transport instanceof V1Transport) return transport as Parameters<V1Client['connect']>[0];
  throw new TypeError('not a transport');
}

function v2(mode: 'legacy' | 'auto' | { pin: string }) {
  return async (url: URL): Promise<AnyClient> => {
    const client = new ModernClient(identity, { versionNegotiation: { mode } });
    await client.connect(new ModernTransport(url));
    return client;
  };
}

describe.each([
  ['SDK v1', v1],
  ['SDK v2, legacy', v2('legacy')],
  ['SDK v2, auto', v2('auto')],
  ['SDK v2, pinned to 2026-07-28', v2({ pin: '2026-07-28' })],
])('%s', (_name, connect) => {
  test('connects, lists, calls, and meets a rate limit, a filtered tool and a revoked URL', async () => {
    await using server = await start();
    const client = await connect(server.url);
    expect(client.getServerVersion()).toMatchObject({ name: 'crisp-mcp' });
    expect(client.getInstructions()).toContain('session_id');
    const { tools } = await client.listTools();
    expect(tools.length).toBeGreaterThan(3);

    server.caller.answer = () => success('{"answer":42}');
    const [first] = tools;
    const name = first?.name ?? '';
    expect(await client.callTool({ name, arguments: {} })).toMatchObject({ content: [{ text: '{"answer":42}' }] });

    server.caller.answer = (): CallOutcome => ({
      kind: 'failure',
      code: 'rate_limited',
      message: 'Wait 7 seconds.',
      retryAfterSeconds: 7,
    });
    expect(await client.callTool({ name, arguments: {} })).toMatchObject({
      isError: true,
      content: [{ text: 'Wait 7 seconds.' }],
      structuredContent: { error: { type: 'rate_limited', retry_after_seconds: 7 } },
    });

    await expect(client.callTool({ name: 'delete_a_crisp_website' })).rejects.toThrow(/not enabled on this server/);
    await server.revoke();
    await expect(client.callTool({ name, arguments: {} })).rejects.toThrow(/unknown, expired or revoked/);
    await client.close();
  });
});
