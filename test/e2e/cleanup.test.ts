import { beforeAll, describe, expect, test } from 'vitest';
import { CLEANUP_PERMISSIONS } from '../../src/operator/permissions.ts';
import { type Cluster, sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { type RunningProcess, startProcess } from '../harness/processes.ts';
import { type Installation, installForTest } from './installation.ts';
import { secretManifest } from './manifests.ts';
import { mcpRequest } from './mcp-client.ts';
import { contentOf } from './store-content.ts';

/**
 * `crisp-mcp cleanup` on the real API server and Redis, under exactly the role that it documents: with the operator gone,
 * with it running, with Redis away, killed half way.
 */
describe('with the operator gone', () => {
  test('sees out what hangs in deletion and nothing else, in the order that leaves no live URL', async () => {
    const site = await provisioned('cleanup-stuck');
    const [doomedUrl, otherUrl] = [await site.urlOf('doomed'), await site.urlOf('other')];
    await stopOperators(site);
    await site.kubectl('delete', 'crispmcpserver/doomed', '--wait=false');

    const plan = await cleanup(site, '--dry-run');
    expect(plan.output).toContain(`CrispMcpServer ${site.namespace}/doomed: wait 0 s for an operator, else let go`);
    expect(plan.output).not.toContain('/other');
    expect((await site.server('doomed')).metadata.uid, 'a dry run changes nothing').toBeTruthy();
    expect((await mcpRequest(doomedUrl, 'ping')).status).toBe(200);

    const run = await cleanup(site);
    expect(run.output).toContain(`CrispMcpServer ${site.namespace}/doomed let go.`);
    expect(run.code).toBe(0);
    expect(await site.cluster.get('crispmcpserver', site.namespace, 'doomed')).toBeUndefined();
    expect(await site.urlInSecret('doomed')).toBeUndefined();
    await eventually(async () => expect((await mcpRequest(doomedUrl, 'ping')).status).toBe(404));
    expect((await mcpRequest(otherUrl, 'ping')).status, 'the other server').toBe(200);
    expect(await site.urlInSecret('other')).toBe(otherUrl);
  });

  test('--delete leaves nothing of ours in the namespace, and Secrets of others alone', async () => {
    const site = await provisioned('cleanup-delete');
    await site.cluster.apply([secretManifest(site.namespace, 'unrelated', { password: 'not-ours-at-all' })]);
    await stopOperators(site);

    const run = await cleanup(site, '--delete');
    expect(run.output).toContain('Deleting 2 CrispMcpServers.');
    expect(run.code).toBe(0);
    expect(await objectsOf(site)).toEqual([]);
    expect(await contentOf(site.redis)).toEqual(new Map());
    const secrets = await site.kubectl('get', 'secrets', '-o', 'name');
    expect(secrets.trim().split('\n').sort()).toEqual(['secret/acme-crisp', 'secret/unrelated']);

    const again = await cleanup(site, '--delete');
    expect(again.output).toContain('No CrispMcpServer is there.');
    expect(again.code).toBe(0);
  });

  test('stops before anything is let go while Redis is away, and ends with --abandon-routes', async () => {
    const site = await provisioned('cleanup-no-redis');
    await stopOperators(site);
    await site.redis.kill();

    const refused = await cleanup(site, '--delete');
    expect(refused.output).toContain('may still be served from Redis');
    expect(refused.output).toContain('--abandon-routes lets the resources go without it');
    expect(refused.code).toBe(1);
    expect(await objectsOf(site), 'deleted, and held').toHaveLength(3);

    const unnamed = await cleanup(site, '--redis-url', '');
    expect(unnamed.output).toContain('No route store is named');
    expect(unnamed.code).toBe(1);

    const abandoned = await cleanup(site, '--abandon-routes');
    expect(abandoned.output).toContain('Going on without it');
    expect(await objectsOf(site), 'accounts were never deleted, as their servers came first').toEqual([
      'crispaccount.crispmcp.io/acme',
    ]);
    expect((await cleanup(site, '--delete', '--abandon-routes')).code).toBe(0);
    expect(await objectsOf(site)).toEqual([]);
  });

  test('killed at any moment, a second run ends it', async () => {
    const site = await provisioned('cleanup-killed');
    await stopOperators(site);
    const first = await start(site, '--delete', '--patience', '1');
    await eventually(() => expect(first.output()).toContain('Deleting 2 CrispMcpServers.'));
    await first.kill();
    expect((await cleanup(site, '--delete')).code).toBe(0);
    expect(await objectsOf(site)).toEqual([]);
    expect(await contentOf(site.redis)).toEqual(new Map());
  });
});

test('with the operator running it only asks and waits, and the operator lives on', async () => {
  const site = await provisioned('cleanup-running');
  const run = await cleanup(site, '--delete', '--patience', '60');
  expect(run.output).not.toContain('let go');
  expect(run.code).toBe(0);
  expect(await objectsOf(site)).toEqual([]);
  expect(site.operators.map(({ process }) => process.isRunning)).toEqual([true]);
  await site.applyAccount();
  await site.applyServer('next');
  expect((await mcpRequest(await site.urlOf('next'), 'ping')).status).toBe(200);
});

describe('what it refuses', () => {
  const cases = [
    ['no scope', [], /Say where: --namespaces NAME,… or --all-namespaces/],
    ['a purge under live URLs', ['--all-namespaces', '--purge-store'], /goes with --all-namespaces --delete only/],
    [
      'a namespace without the right to it',
      ['--namespaces', 'kube-system'],
      /may not list CrispMcpServer in namespace "kube-system".*administrator/s,
    ],
    [
      'a kubeconfig that is not there',
      ['--namespaces', 'x', '--kubeconfig', '/no/such'],
      /There is no kubeconfig \/no\/such/,
    ],
  ] as const;
  let kubeconfig: string;
  beforeAll(async () => {
    const cluster = sharedCluster();
    kubeconfig = await cleanerOf(cluster, await cluster.freshNamespace('cleanup-refused'));
  });
  test.each(cases)('%s, with a sentence', async (_what, args, sentence) => {
    const process = await startProcess('cleanup-refused', ['cleanup', ...args], { env: { KUBECONFIG: kubeconfig } });
    expect((await process.exited).code).toBe(1);
    expect(process.output()).toMatch(sentence);
    expect(process.output(), 'no stack').not.toContain('    at ');
  });
});

async function provisioned(name: string): Promise<Installation> {
  const site = await installForTest({ name });
  await site.applyAccount();
  await Promise.all(['doomed', 'other'].map((server) => site.applyServer(server)));
  for (const server of ['doomed', 'other']) await site.urlOf(server);
  return site;
}

async function stopOperators(site: Installation): Promise<void> {
  await Promise.all(site.operators.map(({ process }) => process.stop()));
}

async function objectsOf(site: Installation): Promise<string[]> {
  const names = await site.kubectl('get', 'crispmcpservers,crispaccounts', '-o', 'name');
  return names.split('\n').filter((name) => name !== '');
}

/** Runs to its end under the documented role. Later options win. */
async function cleanup(site: Installation, ...options: string[]): Promise<{ code: number | null; output: string }> {
  const process = await start(site, '--patience', '0', ...options);
  const { code } = await process.exited;
  return { code, output: process.output() };
}

const kubeconfigs = new WeakMap<Installation, Promise<string>>();

async function start(site: Installation, ...options: string[]): Promise<RunningProcess> {
  const kubeconfig = kubeconfigs.get(site) ?? cleanerOf(site.cluster, site.namespace);
  kubeconfigs.set(site, kubeconfig);
  return await startProcess('cleanup', ['cleanup', '--namespaces', site.namespace, ...options], {
    env: { KUBECONFIG: await kubeconfig, REDIS_URL: site.redis.url },
  });
}

/** A kubeconfig of a user with the documented rights in the namespace and no others. */
async function cleanerOf(cluster: Cluster, namespace: string): Promise<string> {
  const metadata = { name: 'crisp-mcp-cleanup', namespace };
  const rules = CLEANUP_PERMISSIONS.map(({ apiGroup, resources, verbs }) => ({
    apiGroups: [apiGroup],
    resources,
    verbs: Object.keys(verbs),
  }));
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, metadata.name);
  await cluster.apply([
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: metadata.name, namespace }],
    },
  ]);
  await eventually(() =>
    cluster.kubectl(['auth', 'can-i', 'list', 'crispmcpservers', '-n', namespace], { kubeconfig }),
  );
  return kubeconfig;
}
