import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Installation, install } from './installation.ts';
import { callTool, mcpRequest } from './mcp-client.ts';
import { type Polled, pollWhile } from './poll.ts';

/** Redis loses its memory, or remembers too much. No live URL may be denied for good, and no revoked one ever served. */
let site: Installation;

beforeAll(async () => {
  site = await install({ name: 'store-loss' });
  await site.applyAccount();
});

const statusOf = async (url: string): Promise<number> => (await mcpRequest(url, 'tools/list')).status;

async function serverWithUrl(name: string): Promise<string> {
  await site.applyServer(name);
  const url = await site.urlOf(name);
  await eventually(async () => expect(await statusOf(url)).toBe(200));
  return url;
}

async function deletedServer(name: string): Promise<string> {
  const url = await serverWithUrl(name);
  await site.kubectl('delete', 'crispmcpserver', name, '--timeout=20s');
  return url;
}

const servedAgain = (url: string): Promise<void> =>
  eventually(async () => expect(await statusOf(url)).toBe(200), { timeout: 20_000, what: 'the live URL being served' });

/** Statuses other than these. */
const others = ({ statuses, count }: Polled, ...expected: number[]): number[] => {
  expect(count, 'answers').toBeGreaterThan(0);
  return [...statuses].filter((status) => !expected.includes(status));
};

test('after FLUSHALL every URL answers 503 until the store is rebuilt, then the same URLs work', async () => {
  const live = await serverWithUrl('flushed');
  const revoked = await deletedServer('flushed-revoked');
  const { ofLive, ofRevoked } = await pollWhile(
    async () => {
      await site.redis.command('FLUSHALL');
      await eventually(async () => expect(await statusOf(live)).toBe(503), { interval: 5 });
      await servedAgain(live);
    },
    { ofLive: live, ofRevoked: revoked },
  );
  expect(others(ofLive, 200, 503), 'of a live URL').toEqual([]);
  expect(ofLive.withoutRetryAfter, '503 without Retry-After').toBe(0);
  expect(ofRevoked.served, 'of a revoked URL').toBe(0);
  expect(await site.urlInSecret('flushed')).toBe(live);
  expect((await callTool(live, 'list_all_crisp_conversations')).isError).toBe(false);
});

describe('Redis that restarts from an old dump with a route that was revoked since', () => {
  test('never gets that route served, and live ones come back', async () => {
    const live = await serverWithUrl('dumped');
    const revoked = await serverWithUrl('dumped-revoked');
    const dump = await site.redis.saveDump();
    await site.kubectl('delete', 'crispmcpserver', 'dumped-revoked', '--timeout=20s');
    const younger = await serverWithUrl('younger-than-dump');
    expect(await statusOf(revoked)).toBe(404);
    const { ofLive, ofRevoked, ofYounger } = await pollWhile(
      async () => {
        await site.redis.restart({ fromDump: dump });
        await Promise.all([servedAgain(live), servedAgain(younger)]);
        await eventually(async () => expect(await statusOf(revoked)).toBe(404));
      },
      { ofLive: live, ofRevoked: revoked, ofYounger: younger },
    );
    expect(others(ofRevoked, 404, 503), 'of the revoked URL').toEqual([]);
    expect(others(ofLive, 200, 503), 'of a live URL').toEqual([]);
    expect(others(ofYounger, 200, 503), 'of a live URL that the dump does not hold').toEqual([]);
  });

  test('gets nothing served at all as long as no operator has looked', async () => {
    const live = await serverWithUrl('alone');
    const revoked = await serverWithUrl('alone-revoked');
    const dump = await site.redis.saveDump();
    await site.kubectl('delete', 'crispmcpserver', 'alone-revoked', '--timeout=20s');
    await Promise.all(site.operators.map(({ process }) => process.stop()));
    const { ofLive, ofRevoked } = await pollWhile(
      async (seen) => {
        await site.redis.restart({ fromDump: dump });
        const answers = seen('ofLive').count;
        await eventually(() => expect(seen('ofLive').count).toBeGreaterThan(answers + 100), {
          what: 'a hundred more answers',
        });
        expect(await statusOf(live)).toBe(503);
        await site.startOperator();
        await servedAgain(live);
        await eventually(async () => expect(await statusOf(revoked)).toBe(404));
      },
      { ofLive: live, ofRevoked: revoked },
    );
    expect(others(ofRevoked, 404, 503), 'of the revoked URL').toEqual([]);
    expect(others(ofLive, 200, 503), 'of a live URL').toEqual([]);
  });

  test('does not revive a gateway that starts after it', async () => {
    const live = await serverWithUrl('late-gateway');
    const revoked = await serverWithUrl('late-gateway-revoked');
    const dump = await site.redis.saveDump();
    await site.kubectl('delete', 'crispmcpserver', 'late-gateway-revoked', '--timeout=20s');
    await Promise.all([...site.operators, ...site.gateways].map(({ process }) => process.stop()));
    await site.redis.restart({ fromDump: dump });
    const gateway = await site.launchGateway();
    await eventually(async () => expect(await statusOf(live)).toBe(503), { what: 'the gateway answering' });
    const ready = await fetch(`${gateway.adminUrl}/readyz`);
    expect(ready.status).toBe(503);
    const { ofRevoked } = await pollWhile(
      async () => {
        await site.startOperator();
        await servedAgain(live);
        await eventually(async () => expect(await statusOf(revoked)).toBe(404));
      },
      { ofRevoked: revoked },
    );
    expect(ofRevoked.served).toBe(0);
    await eventually(async () => expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200));
  });
});
