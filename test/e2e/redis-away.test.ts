import { expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.ts';
import { DataPlane, type IssuedToken } from './data-plane.ts';
import type { GatewayProcess } from './installation.ts';
import { mcpRequest } from './mcp-client.ts';
import { openLoop } from './open-loop.ts';
import { becomes } from './outage-probes.ts';

/**
 * Redis goes away and comes back, seen from a gateway: known routes are served for `staleFor` and no longer, then 503 with
 * a delay; at its return they are served again, and however many ask for a token, it is fetched once.
 */
const STALE_FOR = 2_000;
/** What a busy machine may add to a promised time. */
const SLACK = 20_000;
const CROWD = 200;

interface Stage {
  readonly plane: DataPlane;
  readonly gateway: GatewayProcess;
  readonly proxy: TcpProxy;
  readonly one: IssuedToken;
  readonly other: IssuedToken;
}

async function stage(name: string): Promise<Stage> {
  let proxy: TcpProxy | undefined;
  const plane = await DataPlane.start({
    name,
    gatewayArgs: ['--stale-for', String(STALE_FOR / 1_000)],
    redisUrl: async ({ port }) => {
      proxy = await startTcpProxy(port);
      return `redis://127.0.0.1:${proxy.port}`;
    },
  });
  if (proxy === undefined) throw new Error('no proxy was asked for');
  // Before the gateway is there, which would otherwise forget a route when it hears late that it was written.
  const [one, other] = await plane.issue(2);
  if (one === undefined || other === undefined) throw new Error('two tokens');
  return { plane, gateway: await plane.startGateway(), proxy, one, other };
}

/** A crowd asks for one token at the same moment; the statuses it gets. */
async function crowd(gateway: GatewayProcess, { path }: IssuedToken): Promise<number[]> {
  const plan = Array.from({ length: CROWD }, () => ({ subject: path, url: gateway.url + path, at: 0 }));
  return [...new Set((await openLoop(plan)).map(({ status }) => status))];
}

/** Reads of a route or account so far. */
async function reads({ redis }: DataPlane): Promise<number> {
  const stats = String(await redis.command('INFO', 'commandstats'));
  return Number(/^cmdstat_mget:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

test('a crowd that asks for an unknown route at once makes one fetch of the route and one of its account', async () => {
  const { plane, gateway, one, other } = await stage('stampede');
  const before = await reads(plane);
  expect(await crowd(gateway, one)).toEqual([200]);
  expect(await reads(plane)).toBe(before + 2);
  expect(await crowd(gateway, other), 'of a server of the same account').toEqual([200]);
  expect(await reads(plane)).toBe(before + 3);
});

test.each(['cut', 'freeze'] as const)(
  'Redis out of reach (%s): served for staleFor, then 503 with a delay, back at its return without a stampede',
  async (how) => {
    const { plane, gateway, proxy, one: known, other: unknown } = await stage(`away-${how}`);
    const url = gateway.url + known.path;
    await becomes(url, 200);

    const away = Date.now();
    proxy[how]();
    const unknownAnswer = mcpRequest(gateway.url + unknown.path, 'ping');
    let servedUntil = away;
    const refused = await eventually(async () => {
      const answer = await mcpRequest(url, 'ping');
      if (answer.status === 200) servedUntil = answer.sentAt;
      expect(answer.status).toBe(503);
      return answer;
    });
    console.info(`(${how}) a known route was served for ${servedUntil - away} ms without Redis, staleFor ${STALE_FOR}`);
    expect(servedUntil - away).toBeLessThanOrEqual(STALE_FOR + 50);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    expect((await unknownAnswer).status, 'of a route that is not known').toBe(503);
    expect(await crowd(gateway, known), 'while it is away').toEqual([503]);

    const before = await reads(plane);
    const back = Date.now();
    proxy.restore();
    const patience = { interval: 5, timeout: SLACK };
    const [servedAt] = await Promise.all([
      eventually(async () => {
        const { status, answeredAt } = await mcpRequest(url, 'ping');
        expect(status).toBe(200);
        return answeredAt;
      }, patience),
      eventually(async () => expect(await crowd(gateway, known)).toEqual([200]), patience),
    ]);
    console.info(`(${how}) served again ${servedAt - back} ms after the return of Redis`);
    expect(servedAt - back).toBeLessThan(1_000 + SLACK);
    // The route and its account, and once more should the connections have come up one after the other.
    expect(await reads(plane)).toBeLessThanOrEqual(before + 4);
  },
);
