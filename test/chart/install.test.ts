import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CHART, HelmError, runHelm } from '../../scripts/chart/render.ts';
import { type Cluster, sharedCluster } from '../harness/cluster.ts';
import { issueSecret } from '../harness/issued-secrets.ts';

/**
 * Helm on a real API server, without nodes: what the chart looks up there (its own Secrets, other installs, Secrets that
 * a person forgot) is only found when there is a cluster. The releases leave the cluster-wide objects to the harness, or
 * to a pretended other release.
 */
const NAMESPACED = { publicUrl: 'https://mcp.example.com', crds: { enabled: false }, userRoles: { create: false } };

interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
}

async function place(): Promise<Place> {
  const cluster = sharedCluster();
  const namespace = await cluster.freshNamespace('helm');
  // The namespace's own ServiceAccount is how the chart tells a cluster from no cluster.
  await cluster.kubectl(['wait', '--for=create', 'serviceaccount/default', '-n', namespace, '--timeout=60s']);
  return { cluster, namespace };
}

function helm({ cluster, namespace }: Place, verb: readonly string[], values?: object): Promise<string> {
  const argv = [...verb, '--namespace', namespace, '--kubeconfig', cluster.kubeconfig];
  const home = { HELM_CACHE_HOME: cluster.folder, HELM_CONFIG_HOME: cluster.folder, HELM_DATA_HOME: cluster.folder };
  if (values === undefined) return runHelm(argv, '', home);
  return runHelm([...argv, '--values', '-'], stringify(values), home);
}

function install(where: Place, values: object = {}, release = 'crisp-mcp'): Promise<string> {
  const watched = { ...NAMESPACED, watchNamespaces: [where.namespace] };
  return helm(where, ['install', release, CHART], { ...watched, ...values });
}

function upgrade(where: Place, values: object = {}): Promise<string> {
  const watched = { ...NAMESPACED, watchNamespaces: [where.namespace] };
  return helm(where, ['upgrade', 'crisp-mcp', CHART], { ...watched, ...values });
}

async function secretOf({ cluster, namespace }: Place, name: string): Promise<Record<string, string>> {
  const text = await cluster.kubectl([
    'get',
    'secret',
    name,
    '-n',
    namespace,
    '-o',
    'go-template={{range $k, $v := .data}}{{$k}} {{$v | base64decode | js}}{{"\\n"}}{{end}}',
  ]);
  const entries = text
    .trim()
    .split('\n')
    .map((line): [string, string] => {
      const [key = '', ...rest] = line.split(' ');
      return [key, rest.join(' ')];
    });
  for (const [key, value] of entries) if (key !== 'users.acl') issueSecret(value, `${key} of the Secret ${name}`);
  return Object.fromEntries(entries);
}

test('passwords and keys are made once and kept by upgrades', async () => {
  const where = await place();
  await install(where);
  const before = [await secretOf(where, 'crisp-mcp-keyring'), await secretOf(where, 'crisp-mcp-redis')];
  expect(before[0]?.current).toMatch(/^k[0-9a-f]{8}:/);
  await upgrade(where, { gateway: { replicas: 3 } });
  expect([await secretOf(where, 'crisp-mcp-keyring'), await secretOf(where, 'crisp-mcp-redis')]).toEqual(before);
});

test('the keyring survives an uninstall and is taken up again, unless nothing is to be kept', async () => {
  const where = await place();
  await install(where);
  const before = await secretOf(where, 'crisp-mcp-keyring');
  await helm(where, ['uninstall', 'crisp-mcp']);
  await install(where);
  expect(await secretOf(where, 'crisp-mcp-keyring')).toEqual(before);

  await upgrade(where, { crds: { enabled: false, keep: false } });
  await helm(where, ['uninstall', 'crisp-mcp', '--no-hooks']);
  expect(await where.cluster.get('secret', where.namespace, 'crisp-mcp-keyring')).toBeUndefined();
});

test('a rotation takes its three steps, and repeating one changes nothing', { timeout: 300_000 }, async () => {
  const where = await place();
  await install(where);
  const { current: old } = await secretOf(where, 'crisp-mcp-keyring');
  await expect(upgrade(where, { keyring: { rotation: 'activate' } })).rejects.toThrow(/rotation=prepare before it/);

  await upgrade(where, { keyring: { rotation: 'prepare' } });
  const prepared = await secretOf(where, 'crisp-mcp-keyring');
  expect(prepared.current).toBe(old);
  expect(prepared.previous).toMatch(/^k[0-9a-f]{8}:/);
  await upgrade(where, { keyring: { rotation: 'prepare' } });
  expect(await secretOf(where, 'crisp-mcp-keyring')).toEqual(prepared);

  const swapped = { current: prepared.previous, previous: old };
  await upgrade(where, { keyring: { rotation: 'activate' } });
  expect(await secretOf(where, 'crisp-mcp-keyring')).toEqual(swapped);
  await upgrade(where, { keyring: { rotation: 'activate' } });
  expect(await secretOf(where, 'crisp-mcp-keyring')).toEqual(swapped);

  await upgrade(where);
  expect(await secretOf(where, 'crisp-mcp-keyring')).toEqual({ current: prepared.previous });
});

test('an upgrade in the middle of "crisp-mcp keys rotate" leaves both keys alone', async () => {
  const where = await place();
  await install(where);
  const patch = JSON.stringify({ stringData: { previous: 'k0:another-key' } });
  await where.cluster.kubectl(['patch', 'secret', 'crisp-mcp-keyring', '-n', where.namespace, '--patch', patch]);
  const during = await secretOf(where, 'crisp-mcp-keyring');
  await upgrade(where, { gateway: { replicas: 3 } });
  expect(await secretOf(where, 'crisp-mcp-keyring')).toEqual(during);
  expect(during.previous).toBe('k0:another-key');
});

test('a Secret that a person named and forgot is missed before anything is made', async () => {
  const where = await place();
  await expect(install(where, { keyring: { existingSecret: 'mine' } })).rejects.toThrow(
    `keyring.existingSecret names the Secret mine, which is not in namespace ${where.namespace}: create it first`,
  );
  const redis = { mode: 'existing', existing: { operatorUrlSecret: { name: 'url' } } };
  await expect(install(where, { redis })).rejects.toThrow(/operatorUrlSecret.name names the Secret url/);
  expect(await where.cluster.get('deployment', where.namespace, 'crisp-mcp-operator')).toBeUndefined();
});

test('two installs live side by side on namespaces of their own, and are refused on one', async () => {
  const [first, second] = [await place(), await place()];
  await install(first);
  await install(second);
  const overlapping = { watchNamespaces: [first.namespace] };
  await expect(install(second, overlapping, 'other')).rejects.toThrow(
    `Release ${first.namespace}/crisp-mcp already looks after namespace ${first.namespace}`,
  );
  await expect(install(second, { watchNamespaces: [] }, 'other')).rejects.toThrow(/which must be a list then/);
});

test('a second install for the whole cluster is refused, and for a part of it too', async () => {
  const where = await place();
  const { cluster } = where;
  const marked = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name: `${where.namespace}-pretended`,
      labels: { 'crispmcp.io/watches': 'cluster' },
      annotations: { 'meta.helm.sh/release-name': 'first', 'meta.helm.sh/release-namespace': 'elsewhere' },
    },
    rules: [],
  };
  await cluster.apply([marked]);
  try {
    const words = /Release elsewhere\/first already looks after the whole cluster.*watchNamespaces/s;
    await expect(install(where, { watchNamespaces: [] })).rejects.toThrow(words);
    await expect(install(where)).rejects.toThrow(words);
  } finally {
    await cluster.kubectl(['delete', 'clusterrole', marked.metadata.name]);
  }
});

test('whoever may not list roles can switch the search for other installs off', async () => {
  const where = await place();
  const { cluster, namespace } = where;
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'tenant');
  await cluster.kubectl([
    'create',
    'rolebinding',
    'tenant',
    '-n',
    namespace,
    '--clusterrole=cluster-admin',
    `--serviceaccount=${namespace}:tenant`,
  ]);
  const tenant = { namespace, cluster: { ...cluster, kubeconfig } };
  const refused = await install(tenant).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(HelmError);
  expect(String(refused)).toMatch(/forbidden.*clusterroles|clusterroles.*forbidden/s);
  await install(tenant, { checkOtherInstalls: false });
  expect(await cluster.get('deployment', namespace, 'crisp-mcp-operator')).toBeDefined();
});
