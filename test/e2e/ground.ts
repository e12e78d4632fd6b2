import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rbacYaml } from '../../scripts/generate-rbac.ts';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import type { Tier } from '../../src/resources/crisp-account.ts';
import { newKeyringEntry } from '../../src/routes/keyring.ts';
import { createSandboxCredentials, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Cluster, sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freePort } from '../harness/ports.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';
import { scratchFolder } from '../harness/run-folder.ts';
import type { InstallationOptions } from './installation.ts';

/** What an installation stands on: everything that is there before the first process of ours starts. */
export interface Ground {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  /** What the sandbox accepts now. Changing an entry changes that. */
  readonly credentials: Record<Tier, { identifier: string; key: string }>;
  readonly publicUrl: string;
  readonly redisUrl: string;
  /** Of the operator's ServiceAccount: the real role. */
  readonly operatorKubeconfig: string;
  /** The same by the way to the API server that operators are to take. */
  readonly kubeconfig: string;
  readonly keyring: string;
}

const SERVICE_ACCOUNT = 'crisp-mcp-operator';

export async function prepareGround(options: InstallationOptions): Promise<Ground> {
  const { name, cluster = sharedCluster(), redisUrl, apiServerUrl, replaces } = options;
  const credentials = replaces?.credentials ?? freshCredentials();
  const [namespace, redis, sandbox, port] = await Promise.all([
    replaces === undefined ? cluster.freshNamespace(name) : createNamespace(cluster, replaces.namespace),
    startRedis({ name: `${name}-redis`, ...options.redis }),
    replaces?.sandbox ?? startSandbox({ clock: systemClock, random: systemRandom, logger: silentLogger, credentials }),
    freePort(),
  ]);
  for (const secret of sandbox.state.secrets()) issueSecret(secret, 'a secret of the sandbox');
  const operatorKubeconfig = await grantRole(cluster, namespace, options.scope === 'cluster');
  return {
    cluster,
    namespace,
    redis,
    sandbox,
    credentials,
    publicUrl: replaces?.publicUrl ?? `http://127.0.0.1:${port}`,
    redisUrl: (await redisUrl?.(redis)) ?? redis.url,
    operatorKubeconfig,
    kubeconfig:
      apiServerUrl === undefined
        ? operatorKubeconfig
        : rerouted(cluster, operatorKubeconfig, await apiServerUrl(cluster.url)),
    keyring: newKeyring(name).folder,
  };
}

/** A kubeconfig with another way to the API server. */
export function rerouted(cluster: Cluster, kubeconfig: string, url: string): string {
  const path = kubeconfig.replace(/\.kubeconfig$/, `.by-${new URL(url).port}.kubeconfig`);
  writeFileSync(path, readFileSync(kubeconfig, 'utf8').replace(cluster.url, url), { mode: 0o600 });
  return path;
}

/** For each tier a new one, registered for the leak search. */
export function freshCredentials(): Ground['credentials'] {
  const credentials = createSandboxCredentials(systemRandom);
  for (const [tier, { key }] of Object.entries(credentials)) issueSecret(key, `a Crisp key of tier ${tier}`);
  return { ...credentials };
}

/** The generated role, in force when this returns; resolves to a kubeconfig of the operator's ServiceAccount. */
async function grantRole(cluster: Cluster, namespace: string, clusterWide: boolean): Promise<string> {
  const watched = clusterWide ? {} : { namespaces: [namespace] };
  const rbac = rbacYaml({ namespace, serviceAccount: SERVICE_ACCOUNT, ...watched });
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: rbac });
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, SERVICE_ACCOUNT);
  // The API server learns of new roles within moments; a process that comes first would log failures.
  await eventually(() => cluster.kubectl(['auth', 'can-i', 'watch', 'secrets', '-n', namespace], { kubeconfig }), {
    what: 'the role of the operator being in force',
  });
  return kubeconfig;
}

async function createNamespace(cluster: Cluster, name: string): Promise<string> {
  await cluster.kubectl(['create', 'namespace', name]);
  return name;
}

/** A folder for `--keyring`, and the one entry in it. */
export function newKeyring(name: string): { folder: string; entry: string } {
  const folder = mkdtempSync(join(scratchFolder(), `${name}-keyring-`));
  const entry = newKeyringEntry(systemRandom);
  issueSecret(entry.slice(entry.indexOf(':') + 1), 'the key of a keyring');
  writeFileSync(join(folder, 'current'), `${entry}\n`, { mode: 0o600 });
  return { folder, entry };
}
