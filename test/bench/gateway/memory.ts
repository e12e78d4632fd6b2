import type { Generator } from './generators.ts';
import type { Installation } from './installation.ts';
import { load } from './subjects.ts';
import { CALL_SMALL, HEADERS, INITIALIZE, PING, TOOLS_LIST } from './workload.ts';

/** What a tenant costs in gateway and Redis, what an idle gateway takes, and whether a long run makes it grow. */
export interface MemoryFigures {
  readonly idleRssMb: number;
  readonly tenants: number;
  readonly gatewayBytesPerTenant: number;
  readonly redisBytesPerTenant: number;
}

export interface SoakFigures {
  readonly requests: number;
  readonly tenants: number;
  /** RSS after each tenth of the requests. */
  readonly rssMb: readonly number[];
  /** Live memory (heap and external, garbage collected) after the first tenth and at the end. */
  readonly heldMb: readonly [number, number];
}

export interface MemoryPlan {
  readonly installation: Installation;
  readonly generator: Generator;
  readonly upstream: string;
  readonly nodeFlags: readonly string[];
  readonly progress: (text: string) => void;
}

const MB = 2 ** 20;
/** Validators are compiled in idle time after the start. */
const SETTLED_AFTER_MS = 5_000;
const COLLECT = { collectGarbage: true };

export async function measureMemory(plan: MemoryPlan, tenants: number): Promise<MemoryFigures> {
  const { installation, generator, upstream, nodeFlags, progress } = plan;
  progress(`memory of ${tenants} tenants`);
  const idle = await installation.startGateway({ upstream, nodeFlags });
  await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
  const idleRssMb = (await idle.process.usage()).rss / MB;
  idle.process.kill();

  const emptyRedis = await installation.redisBytes();
  const tokens = await installation.addTenants(tenants);
  const redisBytesPerTenant = ((await installation.redisBytes()) - emptyRedis) / tenants;

  const gateway = await installation.startGateway({ upstream, nodeFlags: [...nodeFlags, '--expose-gc'] });
  const paths = tokens.map((token) => `/mcp/${token}`);
  const ping = (requests: number, some: readonly string[]) =>
    load(generator, {
      port: gateway.port,
      paths: some,
      headers: HEADERS,
      body: PING,
      connections: 64,
      until: { requests },
    });
  await ping(5_000, paths.slice(0, 1));
  const before = await gateway.process.usage(COLLECT);
  await ping(tenants, paths);
  const after = await gateway.process.usage(COLLECT);
  gateway.process.kill();
  return {
    idleRssMb: round(idleRssMb),
    tenants,
    gatewayBytesPerTenant: Math.round((after.held - before.held) / tenants),
    redisBytesPerTenant: Math.round(redisBytesPerTenant),
  };
}

export async function soak(plan: MemoryPlan, requests: number, tenants: number): Promise<SoakFigures> {
  const { installation, generator, upstream, nodeFlags, progress } = plan;
  progress(`${requests} requests over ${tenants} tenants`);
  const paths = (await installation.addTenants(tenants)).map((token) => `/mcp/${token}`);
  const gateway = await installation.startGateway({ upstream, nodeFlags: [...nodeFlags, '--expose-gc'] });
  const bodies = [INITIALIZE, TOOLS_LIST, CALL_SMALL, CALL_SMALL];
  const rssMb: number[] = [];
  const heldMb: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    for (const body of bodies) {
      const until = { requests: Math.ceil(requests / 10 / bodies.length) };
      const headers = { ...HEADERS, 'accept-encoding': 'gzip' };
      await load(generator, { port: gateway.port, paths, headers, body, connections: 32, until });
    }
    rssMb.push(round((await gateway.process.usage()).rss / MB));
    if (tenth === 0 || tenth === 9) heldMb.push(round((await gateway.process.usage(COLLECT)).held / MB));
  }
  gateway.process.kill();
  return { requests, tenants, rssMb, heldMb: [heldMb[0] ?? Number.NaN, heldMb[1] ?? Number.NaN] };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
