import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { valueSets } from '../../scripts/chart/golden.ts';
import { CHART, renderChart, renderText, runHelm } from '../../scripts/chart/render.ts';
import { LEASE_NAME } from '../../src/resources/names.ts';
import { environmentOf, find, names, podSpecs, podTemplateOf } from './manifests.ts';

/** What holds for the chart as a whole, whatever the values are. */
const VALUES = { publicUrl: 'https://mcp.example.com' };
const SETS = await valueSets();

test.each(SETS)('$name lints strictly', async ({ options }) => {
  const words = await runHelm(['lint', '--strict', CHART, '--values', '-'], stringify(options.values));
  expect(words).toContain('0 chart(s) failed');
});

test('a release called crisp-mcp gives the names that the documents use', async () => {
  const manifests = await renderChart({ values: VALUES });
  expect(names(manifests, 'Deployment').sort()).toEqual(['crisp-mcp-gateway', 'crisp-mcp-operator']);
  expect(names(manifests, 'StatefulSet')).toEqual(['crisp-mcp-redis']);
  expect(names(manifests, 'ClusterRole')).toEqual(
    expect.arrayContaining(['crisp-account-admin', 'crisp-server-editor', 'crisp-viewer']),
  );
  expect(environmentOf(find(manifests, 'Deployment', 'crisp-mcp-operator')).LEASE_NAME).toBe(LEASE_NAME);
});

test('a release with another name has all of its own, also the lease and the right to it', async () => {
  const manifests = await renderChart({ values: { ...VALUES, watchNamespaces: ['a'] }, release: 'team' });
  for (const { kind, metadata } of manifests) {
    if (kind === 'CustomResourceDefinition' || metadata.name.match(/^crisp-(account|server|viewer)/)) continue;
    expect(metadata.name).toMatch(/^team-crisp-mcp/);
  }
  const election = find(manifests, 'Role', 'team-crisp-mcp-operator-election');
  expect(JSON.stringify(election)).toContain('"resourceNames":["team-crisp-mcp-operator"]');
  expect(environmentOf(find(manifests, 'Deployment', 'team-crisp-mcp-operator')).LEASE_NAME).toBe(
    'team-crisp-mcp-operator',
  );
});

describe.each(SETS)('with the values $name', ({ options }) => {
  test('only what speaks to the API server mounts a token', async () => {
    const pods = podSpecs(await renderChart(options));
    const mounted = pods.filter(({ spec }) => spec.automountServiceAccountToken !== false).map(({ name }) => name);
    expect(mounted.filter((name) => !/-(operator|cleanup)$/.test(name))).toEqual([]);
    expect(mounted).toContain('crisp-mcp-operator');
  });

  test('every container is restricted and bounded', async () => {
    for (const { spec } of podSpecs(await renderChart(options))) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources.requests).toHaveProperty('memory');
        expect(resources.limits).toHaveProperty('memory');
      }
    }
  });

  test('no role has a wildcard, and none aggregates into the roles that namespaces hand out', async () => {
    const roles = (await renderChart(options)).filter(({ kind }) => ['Role', 'ClusterRole'].includes(kind));
    expect(JSON.stringify(roles)).not.toMatch(/"\*"|aggregate-to/);
  });

  test('everything carries the labels that select a release', async () => {
    for (const { metadata } of await renderChart(options)) {
      if (metadata.name.endsWith('.crispmcp.io')) continue;
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'crisp-mcp',
        'app.kubernetes.io/instance': 'crisp-mcp',
      });
    }
  });
});

test('no password stands outside of Secrets', async () => {
  const manifests = await renderChart({ values: { ...VALUES, sandbox: { enabled: true } } });
  const secrets = manifests.filter(({ kind }) => kind === 'Secret');
  const rest = JSON.stringify(manifests.filter(({ kind }) => kind !== 'Secret'));
  const values = secrets.flatMap(({ data, stringData }) => [
    ...Object.values(record(data)).map((text) => Buffer.from(String(text), 'base64').toString()),
    ...Object.values(record(stringData)).map(String),
  ]);
  expect(values.length).toBeGreaterThan(6);
  for (const value of values) expect(rest).not.toContain(value);
});

test('Redis is given hashes, and URLs that fit them', async () => {
  const manifests = await renderChart({ values: VALUES });
  const users = record(find(manifests, 'Secret', 'crisp-mcp-redis').stringData);
  const [, password = ''] =
    /^redis:\/\/operator:(\w{40})@crisp-mcp-redis.crisp-mcp:6379$/.exec(String(users['operator-url'])) ?? [];
  const hash = createHash('sha256').update(password).digest('hex');
  expect(users['users.acl']).toContain(`user operator on #${hash} resetkeys`);
  expect(users['users.acl']).not.toContain(password);
});

test('the grace period of a gateway covers its whole drain', async () => {
  const gateway = { drainDelay: 7, drainTimeout: 60 };
  const manifests = await renderChart({ values: { ...VALUES, gateway } });
  const { spec } = podTemplateOf(find(manifests, 'Deployment', 'crisp-mcp-gateway'));
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(gateway.drainDelay + gateway.drainTimeout);
});

test('the notes end in a command and show no secret', async () => {
  const argv = ['install', 'crisp-mcp', CHART, '--dry-run=client', '--namespace', 'crisp-mcp', '--values', '-'];
  const text = await runHelm(argv, stringify(VALUES));
  const notes = text.slice(text.indexOf('NOTES:'));
  expect(notes.trim().split('\n').at(-1)).toMatch(/^ {2}kubectl -n crisp-mcp rollout status/);
  expect(notes).not.toMatch(/password|redis:\/\/|key/i);
});

test('Helm says which Kubernetes is too old', async () => {
  await expect(renderText({ values: VALUES, kubeVersion: 'v1.30.4' })).rejects.toThrow(/>=1\.31.*v1\.30\.4/);
});

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
