import { beforeAll, expect, test } from 'vitest';
import { percentiles } from '../bench/statistics.ts';
import { askWith, issueApiTokens } from './api-tokens.ts';
import { type Installation, install } from './installation.ts';
import { openLoop } from './open-loop.ts';

/**
 * How fast the end of an API token takes effect, on a real API server and Redis, by every one of two gateways, with warm
 * caches: its expiry to the millisecond, its deletion in less than a second. The figures are printed.
 */
const TOKENS = 60;
/** Between the ends of two tokens. */
const SPREAD = 50;
/** Before (-) and after the end of each token. */
const MOMENTS = [-1_000, -50, -10, -3, -1, 0, 1, 3, 10, 50, 200];
/** By so much a gateway on a busy machine may take Redis' clock to be ahead, which ends a token early. */
const CLOCKS = 500;
const SOON = 1_000;
/** What a busy machine may withhold from the few slowest. */
const STALLED = 5_000;

let site: Installation;
/** Of the same server, by each gateway. */
let urls: readonly string[];

beforeAll(async () => {
  site = await install({ name: 'api-token-times', gateways: 2 });
  await site.applyAccount();
  await site.applyServer('vault', { methods: ['read'], requireApiTokenAuth: true });
  const { pathname } = new URL(await site.urlOf('vault'));
  urls = site.gateways.map(({ url }) => url + pathname);
});

function report(what: string, milliseconds: readonly number[]): void {
  const { p50 } = percentiles(milliseconds);
  const max = Math.max(...milliseconds).toFixed(1);
  console.info(`${what}: p50 ${p50} ms, max ${max} ms, of ${milliseconds.length} on ${urls.length} gateways`);
}

test('nothing is accepted at its expiresAt or later, and until shortly before it everything is', {
  timeout: 400_000,
}, async () => {
  const { ends, answers } = await askAroundTheEnds();
  const late = answers.filter(({ subject, sentAt }) => sentAt >= (ends.get(subject) ?? 0));
  expect(late.length).toBeGreaterThan(TOKENS * urls.length);
  expect(new Set(late.map(({ status }) => status))).toEqual(new Set([401]));
  const early = answers.filter(({ subject, answeredAt }) => answeredAt < (ends.get(subject) ?? 0) - CLOCKS);
  expect(early.length).toBeGreaterThan(TOKENS);
  expect(new Set(early.map(({ status }) => status))).toEqual(new Set([200]));
  const refusedAfter = [...ends].map(([name, end]) => {
    const refused = answers.filter(({ subject, status }) => subject === name && status === 401);
    return Math.min(...refused.map(({ answeredAt }) => answeredAt)) - end;
  });
  report('from expiresAt to the first refusal', refusedAfter);
});

/** Every token is in the caches of the gateways before the first of them ends. */
async function askAroundTheEnds() {
  for (let lead = 20_000; lead < 200_000; lead *= 3) {
    const first = Date.now() + lead;
    const ends = new Map(
      Array.from({ length: TOKENS }, (_, index) => [`ends-${lead}-${index}`, first + index * SPREAD]),
    );
    const specs = Object.fromEntries(
      [...ends].map(([name, end]) => [name, { expiresAt: new Date(end).toISOString() }]),
    );
    const isLate = () => Date.now() > first - 2_000;
    const tokens = await issueApiTokens(site, specs).catch((error: unknown) => {
      // A busy machine: the first have ended before the last were Ready.
      if (!isLate()) throw error;
      return new Map<string, string>();
    });
    const asks = [...tokens].flatMap(([subject, apiToken]) => urls.map((url) => ({ subject, url, apiToken, at: 0 })));
    const warm = await openLoop(asks);
    if (isLate()) continue;
    expect(new Set(warm.map(({ status }) => status)), 'long before').toEqual(new Set([200]));
    const plan = asks.flatMap((ask) =>
      MOMENTS.map((moment) => ({ ...ask, at: (ends.get(ask.subject) ?? 0) + moment })),
    );
    return { ends, answers: await openLoop(plan) };
  }
  throw new Error(`${TOKENS} API tokens could not be issued and used in time`);
}

test('from the acknowledged deletion to the refusal by both gateways less than a second goes by', async () => {
  const names = Array.from({ length: TOKENS }, (_, index) => `goes-${index}`);
  const tokens = await issueApiTokens(site, Object.fromEntries(names.map((name) => [name, {}])));
  const times: number[] = [];
  for (const [name, token] of tokens) times.push(await timeOfDeletion(name, token));
  report('from the acknowledged deletion to the refusal', times);
  const sorted = times.toSorted((a, b) => a - b);
  expect(sorted[Math.floor(TOKENS * 0.9)], 'nine of ten').toBeLessThan(SOON);
  expect(sorted.at(-1), 'the slowest').toBeLessThan(STALLED);
});

/** Until a refusal has arrived from the last gateway; negative when that was faster than the acknowledgement. */
async function timeOfDeletion(name: string, token: string): Promise<number> {
  for (const url of urls) expect((await askWith(url, token)).status).toBe(200);
  const refused = Promise.all(urls.map((url) => untilRefused(url, token)));
  const path = `/apis/crispmcp.io/v1alpha1/namespaces/${site.namespace}/crispapitokens/${name}`;
  expect((await site.cluster.request('DELETE', path)).status).toBe(200);
  const acknowledgedAt = performance.now();
  return Math.max(...(await refused)) - acknowledgedAt;
}

/** Asks without pause; when the first refusal arrived. */
async function untilRefused(url: string, token: string): Promise<number> {
  for (const begun = performance.now(); performance.now() < begun + 20_000; ) {
    const { status } = await askWith(url, token);
    if (status === 401) return performance.now();
    expect(status).toBe(200);
  }
  throw new Error('the deleted API token was still accepted after 20 s');
}
