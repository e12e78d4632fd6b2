import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { RequestTally } from './request-tally.ts';

const DURATIONS = [0.2, 0.5, 0.7, 3, 40, 999, 61_000];

test('what is scraped is what the client library would have made of the same observations', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ process: 'gateway' });
  const tally = new RequestTally(registry);
  for (const duration of DURATIONS) tally.add('ping', 'ok', duration);
  tally.add('tools/list', 'not-found', 1);

  const reference = new Registry();
  reference.setDefaultLabels({ process: 'gateway' });
  const histogram = new Histogram({
    name: 'crisp_mcp_gateway_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['rpc'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [reference],
  });
  for (const duration of DURATIONS) histogram.observe({ rpc: 'ping' }, duration / 1_000);
  histogram.observe({ rpc: 'tools/list' }, 0.001);

  const lines = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.includes('duration_seconds'))
      .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`))
      .sort();
  expect(lines(await registry.metrics())).toEqual(lines(await reference.metrics()));
  const asJson = async (of: Registry) =>
    (await of.getMetricsAsJSON())
      .find(({ name }) => name.endsWith('duration_seconds'))
      ?.values.map(({ value, labels }) => ({ value, labels }));
  expect(await asJson(registry)).toEqual(await asJson(reference));
});

test('requests are counted by what they asked for and how they ended, the same at each scrape', async () => {
  const registry = new Registry();
  const tally = new RequestTally(registry);
  tally.add('ping', 'ok', 1);
  tally.add('ping', 'ok', 1);
  tally.add('ping', 'not-found', 1);
  for (let scrape = 0; scrape < 2; scrape++) {
    const text = await registry.metrics();
    expect(text).toContain('crisp_mcp_gateway_requests_total{rpc="ping",outcome="ok"} 2\n');
    expect(text).toContain('crisp_mcp_gateway_requests_total{rpc="ping",outcome="not-found"} 1\n');
  }
});
