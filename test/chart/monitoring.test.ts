import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RenderOptions, renderChart, renderText } from '../../scripts/chart/render.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';
import { names } from './manifests.ts';

/** ServiceMonitor, alerts and dashboard: made only where they are known, and about metrics that there are. */
const ALL: RenderOptions = {
  values: {
    publicUrl: 'https://mcp.example.com',
    metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true }, dashboard: { enabled: true } },
  },
};
const WITH_OPERATOR = { ...ALL, apiVersions: ['monitoring.coreos.com/v1'] };
const SOURCES = [
  'src/operator/operator-metrics.ts',
  'src/gateway/gateway-metrics.ts',
  'src/gateway/request-tally.ts',
  'src/routes/redis-route-reader.ts',
];

test('without the Prometheus operator its kinds are left out, so that the install does not fail', async () => {
  const manifests = await renderChart(ALL);
  expect(names(manifests, 'ServiceMonitor')).toEqual([]);
  expect(names(manifests, 'PrometheusRule')).toEqual([]);
  expect(names(manifests, 'ConfigMap')).toEqual(['crisp-mcp-dashboard']);
  const known = await renderChart(WITH_OPERATOR);
  expect([...names(known, 'ServiceMonitor'), ...names(known, 'PrometheusRule')]).toEqual(['crisp-mcp', 'crisp-mcp']);
});

test('alerts and dashboard ask for metrics that the program has', async () => {
  const text = await renderText(WITH_OPERATOR);
  const asked = new Set(text.match(/crisp_mcp_[a-z_]+/g)?.map((name) => name.replace(/_bucket$/, '')));
  expect(asked.size).toBeGreaterThan(7);
  const sources = SOURCES.map((path) => readFileSync(join(PROJECT_ROOT, path), 'utf8')).join('\n');
  for (const name of asked) expect(sources).toContain(`'${name}'`);
});
