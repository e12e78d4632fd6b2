import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { inject } from 'vitest';
import type { ControlPlaneInfo } from './control-plane.ts';
import { issueSecret } from './issued-secrets.ts';
import { writeKubeconfig } from './kubeconfig.ts';

/**
 * What a test does with a cluster: real kubectl, raw requests, a namespace of its own (never deleted: that takes five
 * seconds, and the cluster ends with the run), and kubeconfigs of ServiceAccounts, so that an operator runs under exactly
 * its role. {@link sharedCluster} is the run's; {@link connect} is for one that a test started itself.
 */
export interface Cluster extends ControlPlaneInfo {
  /** Runs kubectl as the administrator, returns its standard output; fails with its words. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** The same without a judgement on the exit code. */
  tryKubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** `kubectl apply -f -` of objects or of YAML text. */
  apply(manifests: string | readonly object[], options?: KubectlOptions): Promise<string>;
  /** One object as JSON, `undefined` when there is none. */
  get(resource: string, namespace: string, name: string): Promise<unknown>;
  /** A request to the API server as the administrator, for what kubectl cannot say. */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }>;
  freshNamespace(prefix?: string): Promise<string>;
  /** Creates the ServiceAccount when it is missing; returns the path of a kubeconfig with a token of it. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
}

export interface KubectlOptions {
  stdin?: string;
  /** Path of a kubeconfig; the administrator's unless told. */
  kubeconfig?: string;
  /** Milliseconds; 60 s unless told. */
  timeout?: number;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class KubectlError extends Error {
  override readonly name = 'KubectlError';
  readonly code = 'KUBECTL_FAILED';
}

let shared: Cluster | undefined;

export function sharedCluster(): Cluster {
  shared ??= connect(inject('controlPlane'));
  return shared;
}

export function connect(info: ControlPlaneInfo): Cluster {
  const dispatcher = new Agent({ connect: { ca: readFileSync(info.caFile) }, keepAliveTimeout: 1_000 });
  const tryKubectl = (args: readonly string[], options: KubectlOptions = {}) => runKubectl(info, args, options);

  async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await tryKubectl(args, options);
    if (code !== 0)
      throw new KubectlError(`kubectl ${args.join(' ')} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
    return stdout;
  }

  async function send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
    const response = await request(`${info.url}${path}`, {
      dispatcher,
      method,
      headers: { authorization: `Bearer ${info.adminToken}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: 30_000,
    });
    const parsed: unknown = await response.body.json();
    return { status: response.statusCode, body: parsed };
  }

  return {
    ...info,
    kubectl,
    tryKubectl,
    request: send,
    apply(manifests, options = {}) {
      const stdin =
        typeof manifests === 'string' ? manifests : manifests.map((one) => JSON.stringify(one)).join('\n---\n');
      return kubectl(['apply', '-f', '-'], { ...options, stdin });
    },
    async get(resource, namespace, name) {
      const { code, stdout, stderr } = await tryKubectl(['get', resource, name, '-n', namespace, '-o', 'json']);
      if (code === 0) return JSON.parse(stdout);
      if (stderr.includes('(NotFound)')) return undefined;
      throw new KubectlError(stderr.trim());
    },
    async freshNamespace(prefix = 'test') {
      const name = `${prefix}-${randomBytes(4).toString('hex')}`;
      const { status, body } = await send('POST', '/api/v1/namespaces', { metadata: { name } });
      if (status !== 201) throw new Error(`namespace ${name}: ${status} ${JSON.stringify(body)}`);
      return name;
    },
    async serviceAccountKubeconfig(namespace, name) {
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      const { status: created } = await send('POST', accounts, { metadata: { name } });
      if (created !== 201 && created !== 409) throw new Error(`ServiceAccount ${namespace}/${name}: ${created}`);
      const { status, body } = await send('POST', `${accounts}/${name}/token`, { spec: { expirationSeconds: 21_600 } });
      const token = tokenOf(body);
      if (status !== 201 || token === undefined) throw new Error(`token of ${namespace}/${name}: ${status}`);
      const path = join(info.folder, `${namespace}-${name}-${randomBytes(3).toString('hex')}.kubeconfig`);
      writeKubeconfig(path, info, issueSecret(token, `the token of ServiceAccount ${namespace}/${name}`));
      return path;
    },
  };
}

function tokenOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('status' in body)) return undefined;
  const { status } = body;
  if (typeof status !== 'object' || status === null || !('token' in status)) return undefined;
  return typeof status.token === 'string' ? status.token : undefined;
}

function runKubectl(info: ControlPlaneInfo, args: readonly string[], options: KubectlOptions): Promise<KubectlResult> {
  const argv = ['--kubeconfig', options.kubeconfig ?? info.kubeconfig, ...args];
  const env = { ...process.env, HOME: info.folder, KUBECACHEDIR: join(info.folder, 'kubectl-cache') };
  const child = spawn(info.binaries.kubectl, argv, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 60_000);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
      resolve({ code: code ?? 137, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}
