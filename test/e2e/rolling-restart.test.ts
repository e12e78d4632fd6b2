import { expect, onTestFinished, test } from 'vitest';
import { startBalancer } from '../harness/balancer.ts';
import { eventually } from '../harness/eventually.ts';
import { DataPlane } from './data-plane.ts';
import { startKeepAliveClients } from './keep-alive-clients.ts';
import { listen, openLegacySse } from './mcp-streams.ts';
import { becomes } from './outage-probes.ts';

/**
 * Two gateways behind a plain balancer are replaced one after the other while clients go on. Each of those pauses for less
 * than the drain delay, so it is told to close its connection before that is closed under it, and loses nothing.
 */
const READS = { name: 'list_all_crisp_conversations', arguments: {} };
const CLIENTS = [
  { method: 'ping', pause: 10 },
  { method: 'ping', pause: 400 },
  { method: 'tools/list', pause: 100 },
  { method: 'tools/call', params: READS, pause: 50 },
  { method: 'tools/call', params: READS, pause: 300 },
] as const;

test('a rolling restart under load loses no request, and streams end with a reason', async () => {
  const plane = await DataPlane.start({
    name: 'rolling',
    gatewayArgs: ['--drain-delay', '8', '--drain-timeout', '10', '--legacy-sse', 'yes'],
  });
  const balancer = await startBalancer();
  onTestFinished(() => balancer.close());
  const [served] = await plane.issue(1);
  if (served === undefined) throw new Error('one token');
  const url = balancer.url + served.path;
  // Calls take a while, so that some run whenever a process is told to end.
  plane.sandbox.faults.add({ kind: 'slow', milliseconds: 200 });
  const replaced = await Promise.all([plane.startGateway(), plane.startGateway()]);
  for (const gateway of replaced) balancer.add(gateway);
  await eventually(() => expect(replaced.every(balancer.isReady)).toBe(true));
  await becomes(url, 200);

  const urls = replaced.map((gateway) => gateway.url + served.path);
  const streams = await Promise.all([...urls.map(listen), ...urls.map(openLegacySse)]);
  const clients = startKeepAliveClients(url, CLIENTS);
  const exits = [];
  for (const gateway of replaced) {
    const next = await plane.startGateway();
    balancer.add(next);
    await eventually(() => expect(balancer.isReady(next)).toBe(true));
    gateway.process.signal('SIGTERM');
    exits.push(gateway.process.exited);
  }
  expect(await Promise.all(exits)).toEqual([
    { code: 0, signal: null },
    { code: 0, signal: null },
  ]);
  const { sendings, failures } = await clients.stop();
  console.info(`${sendings} requests during the restart of two gateways, ${failures.length} failed`);
  expect(failures).toEqual([]);
  expect(sendings).toBeGreaterThan(300);
  for (const stream of streams) {
    await stream.closed;
    expect(stream.events.filter(({ type }) => type === 'comment').at(-1)?.data).toMatch(/is being restarted/);
  }
});
