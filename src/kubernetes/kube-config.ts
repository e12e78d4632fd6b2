import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { isRecord } from './object-guard.ts';

/**
 * Finds the API server and the user: a given kubeconfig, else `$KUBECONFIG`, else `~/.kube/config`, else the service
 * account of the Pod. client-node reads the entries; its `KubeConfig` class is not imported because it loads all
 * generated clients (about 85 MB of memory against 4).
 */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
  readonly code = 'KUBECONFIG_UNUSABLE';
}

export interface KubeAccess {
  readonly cluster: Cluster;
  readonly user: User;
  /** The namespace of the context, for commands that are not told one. */
  readonly namespace: string | undefined;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export function loadKubeAccess(options: { kubeconfig?: string | undefined; env?: NodeJS.ProcessEnv }): KubeAccess {
  const env = options.env ?? process.env;
  if (options.kubeconfig !== undefined) return fromFiles([options.kubeconfig]);
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return fromFiles(listed.filter((path) => listed.length === 1 || existsSync(path)));
  const standard = join(env.HOME ?? homedir(), '.kube', 'config');
  if (existsSync(standard)) return fromFiles([standard]);
  const host = env.KUBERNETES_SERVICE_HOST;
  if (host !== undefined && existsSync(`${SERVICE_ACCOUNT}/token`)) {
    return inCluster(host, env.KUBERNETES_SERVICE_PORT ?? '443', SERVICE_ACCOUNT);
  }
  throw new KubeConfigError(
    'No Kubernetes cluster is configured: set --kubeconfig or KUBECONFIG, or run in a Pod with a service account.',
  );
}

/** As a Pod reaches its API server; `folder` is where the service account is mounted. */
export function inCluster(host: string, port: string, folder: string): KubeAccess {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const namespaceFile = join(folder, 'namespace');
  return {
    cluster: {
      name: 'in-cluster',
      server: `https://${bracketed}:${port}`,
      caFile: join(folder, 'ca.crt'),
      skipTLSVerify: false,
    },
    user: {
      name: 'service-account',
      authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } },
    },
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined,
  };
}

interface Entries {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  readonly current: string | undefined;
}

/** Several files are one: the first that names a thing wins, as with kubectl. */
function fromFiles(paths: readonly string[]): KubeAccess {
  const files = paths.map(readEntries);
  const where = paths.join(delimiter);
  const current = files.find((file) => file.current !== undefined && file.current !== '')?.current;
  if (current === undefined) throw new KubeConfigError(`${where} has no current-context: kubectl config use-context.`);
  const context = files.flatMap((file) => file.contexts).find((entry) => entry.name === current);
  if (context === undefined) throw new KubeConfigError(`${where} has no context "${current}".`);
  const cluster = files.flatMap((file) => file.clusters).find((entry) => entry.name === context.cluster);
  const user = files.flatMap((file) => file.users).find((entry) => entry.name === context.user);
  if (cluster === undefined || user === undefined) {
    throw new KubeConfigError(`The context "${current}" of ${where} names a cluster or user that is not there.`);
  }
  return { cluster, user, namespace: context.namespace };
}

function readEntries(path: string): Entries {
  if (!existsSync(path) || !statSync(path).isFile()) throw new KubeConfigError(`There is no kubeconfig ${path}.`);
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    // The parser's message quotes the file, which holds credentials.
    throw new KubeConfigError(`${path} is not YAML.`, { cause: cause instanceof Error ? cause.name : undefined });
  }
  if (!isRecord(content)) throw new KubeConfigError(`${path} is not a kubeconfig.`);
  const folder = dirname(path);
  const current = content['current-context'];
  return {
    clusters: newClusters(content.clusters).map((cluster) => ({
      ...cluster,
      ...absolute('caFile', cluster.caFile, folder),
    })),
    users: newUsers(content.users).map((user) => ({
      ...user,
      ...absolute('certFile', user.certFile, folder),
      ...absolute('keyFile', user.keyFile, folder),
    })),
    contexts: newContexts(content.contexts),
    current: typeof current === 'string' ? current : undefined,
  };
}

function absolute(field: string, path: string | undefined, folder: string): Record<string, string> {
  if (path === undefined || path === null) return {};
  return { [field]: isAbsolute(path) ? path : join(folder, path) };
}
