import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type Manifest, renderChart } from '../../scripts/chart/render.ts';
import { accountManifest, serverManifest } from '../e2e/manifests.ts';
import { listTools } from '../e2e/mcp-client.ts';
import { type Cluster, sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freePort } from '../harness/ports.ts';
import { startProcess, startProgram } from '../harness/processes.ts';
import { scratchFolder } from '../harness/run-folder.ts';
import { mountSecret, processOf } from './rendered-process.ts';

/**
 * What the chart renders, run: Redis with the rendered users, the operator under the rendered Role, gateway, sandbox, the
 * probe of `helm test` and the cleanup of an uninstall, each with the rendered command line and environment on the real API
 * server. Only the kubelet is missing.
 */
const WEBSITE = 'a00087fb-f747-4cb8-adfe-747d23673f27';

test('a rendered release serves, passes its own test and cleans up after itself', { timeout: 300_000 }, async () => {
  const cluster = sharedCluster();
  const namespace = await cluster.freshNamespace('runs');
  const [gatewayPort, redisPort, sandboxPort] = [await freePort(), await freePort(), await freePort()];
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const manifests = await renderChart({
    namespace,
    values: {
      publicUrl: gatewayUrl,
      watchNamespaces: [namespace],
      crds: { enabled: false, keep: false },
      userRoles: { create: false },
      sandbox: { enabled: true },
      gateway: { audit: { place: 'redis', required: true } },
    },
  });
  await cluster.apply(manifests.filter(({ kind }) => !['Job', 'Pod'].includes(kind)));
  const folder = mkdtempSync(join(scratchFolder(), 'runs-'));
  const keyring = mountSecret(manifests, 'crisp-mcp-keyring', join(folder, 'keyring'));
  mountSecret(manifests, 'crisp-mcp-sandbox', join(folder, 'sandbox'));
  const users = join(mountSecret(manifests, 'crisp-mcp-redis', join(folder, 'redis')), 'users.acl');

  // The addresses of a cluster, as they are here.
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  const here = (text: string): string =>
    text
      .replace(`crisp-mcp-redis.${namespace}:6379`, `127.0.0.1:${redisPort}`)
      .replace(`http://crisp-mcp-sandbox.${namespace}:8090`, sandboxUrl)
      .replace(`http://crisp-mcp-gateway.${namespace}:80`, gatewayUrl)
      .replace('/etc/crisp-mcp/keyring', keyring);
  const environment = (env: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)]));

  const redis = processOf(manifests, 'StatefulSet', 'crisp-mcp-redis');
  const places = new Map([
    ['/data', folder],
    ['/etc/redis/users.acl', users],
  ]);
  const redisArgs = redis.args.map((argument) => places.get(argument) ?? argument);
  await startProgram('runs-redis', inject('redisServer'), [
    ...redisArgs,
    ...['--port', String(redisPort), '--bind', '127.0.0.1'],
  ]);

  const sandbox = processOf(manifests, 'Deployment', 'crisp-mcp-sandbox');
  const sandboxArgs = sandbox.args.map((argument) =>
    argument.replace('0.0.0.0', '127.0.0.1').replace('8090', String(sandboxPort)),
  );
  await startProcess('runs-sandbox', sandboxArgs, { env: sandbox.env });

  const operator = processOf(manifests, 'Deployment', 'crisp-mcp-operator');
  const operatorPort = await freePort();
  await startProcess('runs-operator', operator.args, {
    env: {
      ...environment(operator.env),
      KUBECONFIG: await cluster.serviceAccountKubeconfig(namespace, 'crisp-mcp-operator'),
      ...adminOn(operatorPort),
    },
    readyUrl: `http://127.0.0.1:${operatorPort}/readyz`,
    readyTimeout: 60_000,
  });

  const gateway = processOf(manifests, 'Deployment', 'crisp-mcp-gateway');
  await startProcess('runs-gateway', gateway.args, {
    env: {
      ...environment(gateway.env),
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_PORT: String(gatewayPort),
      ...adminOn(await freePort()),
    },
  });

  const probe = await startProcess('runs-probe', probeArguments(manifests).map(here));
  expect(await probe.exited, probe.output()).toEqual({ code: 0, signal: null });

  await cluster.apply([
    accountManifest(namespace, 'acme', {
      websiteId: WEBSITE,
      apiUrl: sandboxUrl,
      credentials: [{ tier: 'website', secretRef: { name: 'crisp-mcp-sandbox' } }],
    }),
    serverManifest(namespace, 'assistant', 'acme', { methods: ['read'] }),
  ]);
  const ready = ['wait', '-n', namespace, '--for=condition=Ready', 'crispmcpserver/assistant', '--timeout=60s'];
  await cluster.kubectl(ready);
  const tools = await eventually(async () => await listTools(await urlOf(cluster, namespace)), { timeout: 30_000 });
  expect(tools.length).toBeGreaterThan(10);

  const cleanup = processOf(manifests, 'Job', 'crisp-mcp-cleanup');
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'crisp-mcp-cleanup');
  const run = await startProcess('runs-cleanup', cleanup.args, {
    env: { ...environment(cleanup.env), KUBECONFIG: kubeconfig },
  });
  expect(await run.exited, run.output()).toEqual({ code: 0, signal: null });
  const left = ['get', 'crispmcpservers,crispaccounts', '-n', namespace, '-o', 'name'];
  expect(await cluster.kubectl(left)).toBe('');
});

function adminOn(port: number): Record<string, string> {
  return { ADMIN_HOST: '127.0.0.1', ADMIN_PORT: String(port) };
}

function probeArguments(manifests: readonly Manifest[]): readonly string[] {
  const pod = manifests.find(({ kind }) => kind === 'Pod');
  if (pod === undefined) throw new Error('the chart has no test');
  return processOf([{ ...pod, spec: { template: { spec: pod.spec } } }], 'Pod', pod.metadata.name).args;
}

async function urlOf(cluster: Cluster, namespace: string): Promise<string> {
  const argv = ['get', 'secret', 'assistant-mcp', '-n', namespace, '-o', 'jsonpath={.data.url}'];
  const url = Buffer.from(await cluster.kubectl(argv), 'base64').toString('utf8');
  return issueSecret(url, 'the URL of a server');
}
