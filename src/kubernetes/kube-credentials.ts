import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import type { Clock } from '../process/clock.ts';
import { type KubeAccess, KubeConfigError } from './kube-config.ts';
import { isRecord } from './object-guard.ts';

/**
 * What a request needs to be let in: headers and TLS material, current at the time of the request. Token files are read
 * again each minute, plug-ins asked again when their credential expires, certificate files read again each minute.
 */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: false;
}

const FILES_FRESH_FOR = 60_000;

export class CredentialSource {
  readonly #access: KubeAccess;
  readonly #clock: Clock;
  #plugin = new ExecAuth();
  #tokenFile = new FileAuth();
  #files: { readonly tls: TlsMaterial; readonly readAt: number } | undefined;

  constructor(access: KubeAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  async current(): Promise<Credentials> {
    const { user } = this.#access;
    const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
    if (user.impersonateUser) options.headers['impersonate-user'] = user.impersonateUser;
    if (user.username) {
      const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
      options.headers.authorization = `Basic ${pair}`;
    }
    await this.#authenticate(options);
    if (user.token) options.headers.authorization = `Bearer ${user.token.trim()}`;
    const tls = { ...this.#tlsFromFiles(), ...textOf('cert', options.cert), ...textOf('key', options.key) };
    return { headers: lowerCased(options.headers), tls };
  }

  /** After a refusal: the next request reads token and plug-in anew. */
  forget(): void {
    this.#plugin = new ExecAuth();
    this.#tokenFile = new FileAuth();
    this.#files = undefined;
  }

  async #authenticate(options: RequestOptions): Promise<void> {
    const { user } = this.#access;
    if (user.exec) {
      const info = { apiVersion: user.exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
      const env = [...(user.exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
      await this.#plugin.applyAuthentication({ ...user, exec: { ...user.exec, env } }, options);
    } else if (isRecord(user.authProvider?.config) && typeof user.authProvider.config.tokenFile === 'string') {
      await this.#tokenFile.applyAuthentication(user, options);
    } else if (user.authProvider) {
      await authenticateByProvider(this.#access, options);
    }
  }

  #tlsFromFiles(): TlsMaterial {
    const now = this.#clock.monotonic();
    if (this.#files !== undefined && now - this.#files.readAt < FILES_FRESH_FOR) return this.#files.tls;
    const { cluster, user } = this.#access;
    const tls: TlsMaterial = {
      ...textOf('ca', fileOrData(cluster.caFile, cluster.caData)),
      ...textOf('cert', fileOrData(user.certFile, user.certData)),
      ...textOf('key', fileOrData(user.keyFile, user.keyData)),
      ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
    };
    this.#files = { tls, readAt: now };
    return tls;
  }
}

/** The old auth providers (OIDC, Azure, GCP) need all of client-node; it is loaded only for them. */
async function authenticateByProvider(access: KubeAccess, options: RequestOptions): Promise<void> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(access.cluster, access.user);
  const filled: RequestOptions = {};
  await config.applyToHTTPSOptions(filled);
  const authorization: unknown = isRecord(filled.headers) ? filled.headers.Authorization : undefined;
  if (typeof authorization !== 'string') {
    throw new KubeConfigError(`The auth provider of user "${access.user.name}" gave no credential.`);
  }
  options.headers = { ...options.headers, authorization };
}

function fileOrData(file: string | undefined, data: string | undefined): string | undefined {
  if (file) return readFileSync(file, 'utf8');
  return data ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}

function textOf(field: 'ca' | 'cert' | 'key', value: unknown): TlsMaterial {
  if (typeof value === 'string' && value !== '') return { [field]: value };
  return Buffer.isBuffer(value) ? { [field]: value.toString('utf8') } : {};
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
