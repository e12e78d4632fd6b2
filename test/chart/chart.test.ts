import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CHART, type Manifest, renderChart, runHelm } from '../../scripts/chart/render.ts';

const VALUES = { publicUrl: 'https://mcp.example.com' };

test('lints strictly', async () => {
  const words = await runHelm(['lint', '--strict', CHART, '--values', '-'], stringify(VALUES));
  expect(words).toContain('0 chart(s) failed');
});

test('a release called crisp-mcp gives the names that the documents use', async () => {
  const names = (await renderChart({ values: VALUES })).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'Deployment crisp-mcp-operator',
      'Deployment crisp-mcp-gateway',
      'Service crisp-mcp-gateway',
      'StatefulSet crisp-mcp-redis',
      'Secret crisp-mcp-keyring',
      'ClusterRole crisp-account-admin',
      'ClusterRole crisp-server-editor',
      'CustomResourceDefinition crispmcpservers.crispmcp.io',
    ]),
  );
});

test('no Pod mounts an API token but that of the operator', async () => {
  const pods = podSpecs(await renderChart({ values: { ...VALUES, sandbox: { enabled: true } } }));
  const mounted = pods.filter(({ spec }) => spec.automountServiceAccountToken !== false);
  expect(mounted.map(({ name }) => name)).toEqual(['crisp-mcp-operator']);
});

function podSpecs(manifests: readonly Manifest[]): { name: string; spec: Record<string, unknown> }[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    if (!['Deployment', 'StatefulSet'].includes(kind)) return [];
    if (!isRecord(spec) || !isRecord(spec.template) || !isRecord(spec.template.spec)) return [];
    return [{ name: metadata.name, spec: spec.template.spec }];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
