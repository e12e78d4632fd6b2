import { ALL_TOOLS } from '../../src/catalog/catalog.ts';
import type { Tier } from '../../src/catalog/tool.ts';
import { createCrispCaller } from '../../src/crisp/caller.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { FakeClock, systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { createMetrics } from '../../src/process/metrics.ts';
import { seededRandom } from '../../src/process/random.ts';
import { createMemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import type { RouteRecord } from '../../src/routes/records.ts';
import { hashToken, newToken } from '../../src/routes/token.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { callTool, listTools } from '../e2e/mcp-client.ts';

/**
 * Everything between an MCP client and Crisp in one process: gateway, memory store, the real caller and the sandbox, with
 * a server that has every tool, sensitive ones included, unless told otherwise. A round trip is written as the calls a model would make. The
 * sandbox has its own clock, which a test moves. With `apiUrl` something else plays Crisp.
 */
export interface McpBench extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Of the server, with its token. */
  readonly url: string;
  /** The sandbox's time. */
  readonly clock: FakeClock;
  /** The data of a successful call; fails when the tool says that it failed. */
  call(tool: string, args?: object): Promise<unknown>;
  /** The whole text of a successful call, notes included. */
  text(tool: string, args?: object): Promise<string>;
  /** The sentence with which a call was refused; fails when it was not. */
  refusal(tool: string, args?: object): Promise<string>;
  /** Names of the tools that the server lists. */
  tools(): Promise<readonly string[]>;
}

const ALL_TIERS: readonly Tier[] = ['website', 'plugin', 'user'];
const EVERYTHING: RouteRecord['filter'] = {
  sensitive: ALL_TOOLS.filter((tool) => tool.sensitive !== undefined).map(({ name }) => name),
};

export async function mcpBench(
  options: { tiers?: readonly Tier[]; filter?: RouteRecord['filter']; apiUrl?: string } = {},
): Promise<McpBench> {
  const clock = new FakeClock('2026-11-24T09:00:00Z');
  const sandbox = await startSandbox({ clock, random: seededRandom(7), logger: silentLogger });
  const apiUrl = options.apiUrl ?? sandbox.url;
  const caller = createCrispCaller({ allowedOrigins: [apiUrl], logger: silentLogger });
  const token = newToken(seededRandom(8));
  const reader = await storeWithRoute(token, { sandbox, apiUrl, tiers: ALL_TIERS, filter: EVERYTHING, ...options });
  const gateway = await createGateway({
    reader,
    caller,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics({ process: 'gateway', runtime: false }),
    accessLog: { write: () => undefined },
    config: { host: '127.0.0.1', port: 0 },
  });
  const url = `${gateway.url}/mcp/${token}`;
  const succeed = async (tool: string, args: object) => {
    const answer = await callTool(url, tool, args);
    if (answer.isError) throw new Error(`${tool} says: ${answer.text}`);
    return answer.text;
  };
  return {
    sandbox,
    url,
    clock,
    call: async (tool, args = {}) => dataOf(await succeed(tool, args)),
    text: (tool, args = {}) => succeed(tool, args),
    refusal: async (tool, args = {}) => {
      const answer = await callTool(url, tool, args);
      if (!answer.isError) throw new Error(`${tool} was not refused: ${answer.text}`);
      return answer.text;
    },
    tools: () => listTools(url),
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await caller.close();
      await sandbox.close();
    },
  };
}

/** A note may stand before the data, each in a text of its own. */
function dataOf(text: string): unknown {
  return JSON.parse(text.slice(text.lastIndexOf('\n') + 1));
}

async function storeWithRoute(
  token: string,
  served: { sandbox: Sandbox; apiUrl: string; tiers: readonly Tier[]; filter: RouteRecord['filter'] },
) {
  const { sandbox, apiUrl, tiers, filter } = served;
  const store = createMemoryRouteStore({ clock: systemClock });
  const place = { namespace: 'round-trips', name: 'bench' };
  const epoch = await store.takeEpoch(1);
  await store.putAccount(epoch, {
    ...place,
    uid: 'account',
    websiteId: sandbox.websiteId,
    apiUrl,
    credentials: tiers.map((tier) => ({ tier, ...sandbox.credentials[tier] })),
  });
  await store.putRoute(epoch, hashToken(token), {
    ...place,
    uid: 'server',
    displayName: 'Round trips',
    exp: null,
    filter,
    accountUid: 'account',
    auth: 'path',
    state: 'live',
  });
  await store.markVerified(epoch);
  return store;
}
