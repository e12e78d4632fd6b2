import { expect, test } from 'vitest';
import { type RenderOptions, renderText } from '../../scripts/chart/render.ts';
import { sharedCluster } from '../harness/cluster.ts';

/** The real API server is asked about everything that the chart renders: it knows fields, formats and CEL. */
const VALUES = { publicUrl: 'https://mcp.example.com', crds: { enabled: false } };

test('the API server accepts what the defaults render, strictly', async () => {
  await acceptsStrictly({ values: VALUES });
});

async function acceptsStrictly(options: RenderOptions): Promise<void> {
  const cluster = sharedCluster();
  const namespace = await cluster.freshNamespace('chart');
  await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  const manifests = await renderText({ ...options, namespace });
  const { code, stderr } = await cluster.tryKubectl(
    ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'],
    { stdin: manifests },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
}
