import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type ConnectionProxy, startConnectionProxy } from '../harness/connection-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { DataPlane, type IssuedToken } from './data-plane.ts';
import type { GatewayProcess } from './installation.ts';
import { openLoop, type Sent } from './open-loop.ts';
import { becomes, statusOf } from './outage-probes.ts';

/**
 * A thousand tokens end one after the other while clients ask for them: no request that is sent at `expiresAt` or later is
 * served, whatever has become of Redis. Client and gateway read the same clock, so this holds to the millisecond.
 */
const TOKENS = 1_000;
/** Between the end of the first token and that of the last. */
const SPREAD = 2_000;
/** Before (-) and after the end of each token. */
const MOMENTS = [-100, -3, 0, 1, 5, 50, 500];
/** What the gateway calls the connection on which it hears of changes. */
const INVALIDATIONS = 'crisp-mcp-gateway-changes';

interface Stage {
  readonly plane: DataPlane;
  readonly gateway: GatewayProcess;
  readonly proxy: ConnectionProxy;
  readonly tokens: readonly IssuedToken[];
  readonly end: (token: IssuedToken) => number;
}

/** Each token has been served once when this resolves, and none has ended. */
async function warmUp(name: string): Promise<Stage> {
  let proxy: ConnectionProxy | undefined;
  const plane = await DataPlane.start({
    name: `thousand-${name}`,
    // So long that only the end of each token can end it.
    gatewayArgs: ['--stale-for', '60'],
    redisUrl: async ({ port }) => {
      proxy = await startConnectionProxy(port);
      return `redis://127.0.0.1:${proxy.port}`;
    },
  });
  if (proxy === undefined) throw new Error('no proxy was asked for');
  const gateway = await plane.startGateway();
  for (let lead = 2_500; ; lead *= 2) {
    const first = Date.now() + lead;
    const end = (token: IssuedToken): number => token.exp ?? Number.NaN;
    const tokens = await plane.issue(TOKENS, (index) => first + Math.round((index * SPREAD) / TOKENS));
    const plan = tokens.map((subject) => ({ subject, url: gateway.url + subject.path, at: 0 }));
    const answers = await openLoop(plan);
    if (Date.now() < first - 1_000) {
      expect(new Set(answers.map(({ status }) => status)), 'before their end').toEqual(new Set([200]));
      return { plane, gateway, proxy, tokens, end };
    }
    // A busy machine: the first have ended already.
    if (lead > 60_000) throw new Error(`${TOKENS} tokens could not be asked for within ${lead} ms`);
  }
}

/** Asks for each token around its end, and does `meanwhile` half a second before the first one. */
async function askAroundTheEnd(stage: Stage, meanwhile: () => Promise<void> | void): Promise<Sent<IssuedToken>[]> {
  const { gateway, tokens, end } = stage;
  const [firstEnd = 0] = tokens.map(end);
  const plan = tokens.flatMap((subject) =>
    MOMENTS.map((moment) => ({ subject, url: gateway.url + subject.path, at: end(subject) + moment })),
  );
  await sleep(Math.max(0, firstEnd - 500 - Date.now()));
  const [answers] = await Promise.all([openLoop(plan), meanwhile()]);
  return answers;
}

const atTheEndOrLater = (answers: readonly Sent<IssuedToken>[]) =>
  answers.filter(({ subject, sentAt }) => subject.exp !== null && sentAt >= subject.exp);

const statuses = (answers: readonly Sent<IssuedToken>[]): number[] =>
  [...new Set(answers.map(({ status }) => status))].sort();

const before = (answers: readonly Sent<IssuedToken>[]) =>
  answers.filter(({ subject, sentAt }) => subject.exp !== null && sentAt < subject.exp);

test('with warm caches', async () => {
  const stage = await warmUp('warm');
  const answers = await askAroundTheEnd(stage, () => undefined);
  const late = atTheEndOrLater(answers);
  expect(late.length, 'requests sent at the end or later').toBeGreaterThanOrEqual(TOKENS * 5);
  expect(statuses(late)).toEqual([404]);
});

test('with Redis frozen', async () => {
  const stage = await warmUp('frozen');
  const answers = await askAroundTheEnd(stage, () => stage.plane.redis.freeze());
  stage.plane.redis.thaw();
  expect(atTheEndOrLater(answers).length).toBeGreaterThanOrEqual(TOKENS * 5);
  expect(statuses(atTheEndOrLater(answers)), 'expired, or not to be verified').not.toContain(200);
  expect(statuses(before(answers)), 'served from memory until then').toContain(200);
});

test('with a lost invalidation connection', async () => {
  const stage = await warmUp('deaf');
  const answers = await askAroundTheEnd(stage, () => stage.proxy.cut(INVALIDATIONS));
  expect(atTheEndOrLater(answers).length).toBeGreaterThanOrEqual(TOKENS * 5);
  expect(statuses(atTheEndOrLater(answers))).not.toContain(200);
  expect(statuses(before(answers)), 'served from memory until then').toContain(200);
  stage.proxy.restore();
  const [lasting] = await stage.plane.issue(1);
  if (lasting !== undefined) await becomes(stage.gateway.url + lasting.path, 200);
});

test('after Redis was restarted empty', async () => {
  const stage = await warmUp('emptied');
  const { plane, gateway, tokens } = stage;
  const [lasting] = await plane.issue(1);
  if (lasting === undefined) throw new Error('one token');
  const answers = await askAroundTheEnd(stage, async () => {
    await plane.redis.restart({ empty: true });
    await becomes(gateway.url + lasting.path, 503);
    // As an operator would that is late: the routes of some tokens that have ended meanwhile are among these.
    await eventually(() => plane.rebuild([...tokens, lasting]));
    await becomes(gateway.url + lasting.path, 200);
  });
  expect(atTheEndOrLater(answers).length).toBeGreaterThanOrEqual(TOKENS * 5);
  expect(statuses(atTheEndOrLater(answers))).not.toContain(200);
  for (const { path } of tokens.slice(-5)) expect(await statusOf(gateway.url + path)).toBe(404);
});
