import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { OpenStream } from '../../src/gateway/open-stream.ts';
import { eventually } from '../harness/eventually.ts';
import { DataPlane, type IssuedToken } from './data-plane.ts';
import type { GatewayProcess } from './installation.ts';
import { type McpAnswer, mcpRequest } from './mcp-client.ts';
import { listen, openLegacySse } from './mcp-streams.ts';
import { becomes, gatewayMetric } from './outage-probes.ts';

/**
 * What a client holds open ends with its token: `subscriptions/listen`, HTTP+SSE and a call that Crisp answers late. The
 * promise is a second; the bound here leaves room for a busy machine, and the true figure is printed.
 */
const BOUND = 10_000;
/** By so much a token may end early, when the clock of Redis was read on a busy machine. */
const CLOCK_ERROR = 1_000;
const SLOW_TOOL = 'list_all_crisp_conversations';
const WHY = 'this URL has expired or was revoked';

interface Open {
  readonly streams: readonly OpenStream[];
  readonly call: Promise<McpAnswer>;
}

async function stage(name: string) {
  const plane = await DataPlane.start({ name, gatewayArgs: ['--legacy-sse', 'yes', '--drain-timeout', '1'] });
  plane.sandbox.faults.add({ kind: 'slow', milliseconds: 60_000 });
  return { plane, gateway: await plane.startGateway() };
}

/** Holds a token's streams and one call of it open; `calls` of all tokens are under way then. */
async function holdOpen(gateway: GatewayProcess, { path }: IssuedToken, calls: number): Promise<Open> {
  const url = gateway.url + path;
  await becomes(url, 200);
  const call = mcpRequest(url, 'tools/call', { name: SLOW_TOOL, arguments: {} });
  call.catch(() => undefined);
  const streams = await Promise.all([listen(url), openLegacySse(url)]);
  await eventually(async () => expect(await gatewayMetric(gateway, 'calls_running')).toBe(calls));
  return { streams, call };
}

/** Milliseconds from `since` until all had ended, each as it should. */
async function endOf({ streams, call }: Open, since: number): Promise<number> {
  const ended = await Promise.all([
    call.then(({ answeredAt }) => answeredAt),
    ...streams.map(({ closed }) => closed.then(() => Date.now())),
  ]);
  expect((await call).status, 'of the call').toBe(404);
  for (const { events } of streams) {
    expect(events.filter(({ type }) => type === 'comment').at(-1)?.data).toBe(WHY);
  }
  expect(Math.min(...ended), 'none before its time').toBeGreaterThanOrEqual(since - CLOCK_ERROR);
  return Math.max(...ended) - since;
}

/** One token whose streams and call are about to end, one whose are not. */
async function heldOpen(name: string) {
  const { plane, gateway } = await stage(name);
  const [ending, lasting] = await plane.issue(2);
  if (ending === undefined || lasting === undefined) throw new Error('two tokens');
  const open = await holdOpen(gateway, ending, 1);
  const kept = await holdOpen(gateway, lasting, 2);
  const stillOpen = async (): Promise<void> => {
    const ends = [kept.call, ...kept.streams.map(({ closed }) => closed)];
    expect(await Promise.race([...ends, sleep(100, 'open')]), 'of the other token').toBe('open');
  };
  return { plane, gateway, ending, open, stillOpen };
}

test('streams and calls end within a second of the expiry of their token, and only they', async () => {
  const { plane, gateway, ending, open, stillOpen } = await heldOpen('streams-expiry');
  const end = Date.now() + 2_000;
  await plane.setEnd(ending, end, gateway);
  const took = await endOf(open, end);
  console.info(`streams and a call ended ${took} ms after the expiry of their token`);
  expect(took).toBeLessThan(BOUND);
  await stillOpen();
});

test('streams and calls end within a second of the revocation of their token, and only they', async () => {
  const { plane, ending, open, stillOpen } = await heldOpen('streams-revocation');
  const asked = Date.now();
  await plane.revoke(ending);
  const took = await endOf(open, asked);
  console.info(`streams and a call ended ${took} ms after the revocation of their token was asked for`);
  expect(took).toBeLessThan(BOUND);
  await stillOpen();
});

test('streams and calls end at expiry while Redis is silent', async () => {
  const { plane, gateway, ending, open, stillOpen } = await heldOpen('streams-silence');
  const end = Date.now() + 3_000;
  await plane.setEnd(ending, end, gateway);
  plane.redis.freeze();
  const took = await endOf(open, end);
  plane.redis.thaw();
  console.info(`streams and a call ended ${took} ms after expiry with Redis frozen`);
  expect(took).toBeLessThan(BOUND);
  await stillOpen();
});
