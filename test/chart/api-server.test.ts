import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OVERLAYS, plainManifests } from '../../scripts/chart/deploy-manifests.ts';
import { valueSets } from '../../scripts/chart/golden.ts';
import { parseManifests, renderChart } from '../../scripts/chart/render.ts';
import { sharedCluster } from '../harness/cluster.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';

/**
 * The real API server is asked about everything that the chart renders, under the restricted Pod Security Standard: it
 * knows fields, formats and CEL. Kinds that it does not serve (Prometheus operator, Gateway API) are left to kubeconform.
 */
const FOREIGN = /^(monitoring\.coreos\.com|gateway\.networking\.k8s\.io)\//;
const DEPLOY = join(PROJECT_ROOT, 'deploy');

test.each(await valueSets())('the API server accepts what $name renders, strictly', async ({ options }) => {
  const cluster = sharedCluster();
  const namespace = await restrictedNamespace();
  const manifests = (await renderChart({ ...options, namespace }))
    .filter(({ apiVersion }) => !FOREIGN.test(apiVersion))
    .filter(({ metadata }) => metadata.namespace === undefined || metadata.namespace === namespace);
  expect(manifests.length).toBeGreaterThan(15);
  const { code, stderr } = await cluster.tryKubectl(dryRun('-'), {
    stdin: manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'),
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

describe('deploy/', () => {
  test.each(OVERLAYS)('the overlay $name builds what the chart renders for its values', async ({ name, values }) => {
    const built = await sharedCluster().kubectl(['kustomize', join(DEPLOY, 'kustomize/overlays', name)]);
    const own = parseManifests(built).filter(({ kind }) => !['CustomResourceDefinition', 'Namespace'].includes(kind));
    expect(sorted(own)).toEqual(sorted(await plainManifests(values)));
  });

  test('install.yaml applies as it is, Pods and all, but for the Secrets that secrets.sh makes', async () => {
    const cluster = sharedCluster();
    await cluster.tryKubectl(['create', 'namespace', 'crisp-mcp']);
    const { code, stderr } = await cluster.tryKubectl(dryRun(join(DEPLOY, 'install.yaml')));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

function dryRun(file: string): string[] {
  return ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', file];
}

async function restrictedNamespace(): Promise<string> {
  const cluster = sharedCluster();
  const namespace = await cluster.freshNamespace('chart');
  await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  return namespace;
}

function sorted(manifests: readonly { kind: string; metadata: { name: string } }[]): unknown[] {
  const place = ({ kind, metadata }: { kind: string; metadata: { name: string } }) => `${kind}/${metadata.name}`;
  return [...manifests].sort((a, b) => place(a).localeCompare(place(b)));
}
