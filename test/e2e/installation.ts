import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { rbacYaml } from '../../scripts/generate-rbac.ts';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import type { CrispAccount, Tier } from '../../src/resources/crisp-account.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import { LEASE_NAME } from '../../src/resources/names.ts';
import { newKeyringEntry } from '../../src/routes/keyring.ts';
import { createSandboxCredentials, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Cluster, sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freePort } from '../harness/ports.ts';
import { type RunningProcess, startProcess } from '../harness/processes.ts';
import { type RedisOptions, type RedisServer, startRedis } from '../harness/redis.ts';
import { scratchFolder } from '../harness/run-folder.ts';
import { accountManifest, secretManifest, serverManifest } from './manifests.ts';

/**
 * The whole product as a cluster runs it: operators and gateways as separate processes on the real API server and a real
 * Redis, each operator under a ServiceAccount with exactly the generated role, Crisp played by a sandbox in the test's own
 * process. An installation lives in one fresh namespace and looks at no other, so many can share a cluster.
 *
 *     const site = await install({ name: 'expiry' });
 *     await site.applyAccount();
 *     await site.applyServer('support', { methods: ['read'] });
 *     const tools = await listTools(await site.urlOf('support'));
 *
 * Processes and Redis end with the test file. Every token and key that passes through here is registered for the leak
 * search.
 */
export interface InstallationOptions {
  /** Begins the names of the namespace and of the processes. */
  name: string;
  /** Default: the run's shared cluster. */
  cluster?: Cluster;
  /** Processes to begin with; 1 each unless told. */
  operators?: number;
  gateways?: number;
  /** Seconds; 15 unless told. A killed leader's successor waits this long. */
  leaseDuration?: number;
  redis?: RedisOptions;
  /** Where the processes find Redis, when something stands between (a proxy). */
  redisUrl?: (redis: RedisServer) => Promise<string> | string;
  /** The same for the API server: origin, from its own. */
  apiServerUrl?: (url: string) => Promise<string> | string;
  /** Default: this namespace alone. `cluster`: all of them, under the ClusterRole; needs a cluster of its own. */
  scope?: 'namespace' | 'cluster';
  /** Takes the place of a former installation: the same namespace, public URL and Crisp, in another cluster. */
  replaces?: Installation;
  /** Seconds that a gateway serves without word from Redis; 5 unless told. */
  staleFor?: number;
}

export interface OperatorStart {
  /** Other ways to its servers than those of the installation: an origin and a URL. */
  apiServerUrl?: string;
  redisUrl?: string;
  /** False: returns as soon as the process runs. */
  waitUntilReady?: boolean;
}

export interface OperatorProcess {
  readonly process: RunningProcess;
  /** Origin of `/readyz` and `/metrics`. */
  readonly adminUrl: string;
}

export interface GatewayProcess extends OperatorProcess {
  /** Origin it serves on. */
  readonly url: string;
}

export interface Installation {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  readonly publicUrl: string;
  /** Kubeconfig of the operator's ServiceAccount: the real role. */
  readonly operatorKubeconfig: string;
  /** In the order of their start; ended ones stay in the list. */
  readonly operators: OperatorProcess[];
  readonly gateways: GatewayProcess[];
  startOperator(options?: OperatorStart): Promise<OperatorProcess>;
  /** Does not wait for readiness, which needs a leader. */
  launchGateway(): Promise<GatewayProcess>;
  /** Waits until it has verified its first sync. */
  startGateway(): Promise<GatewayProcess>;
  /** The operator that holds the Lease, or undefined. */
  leader(): Promise<OperatorProcess | undefined>;
  /** Stops every operator (SIGTERM) and starts one anew. */
  restartOperator(): Promise<OperatorProcess>;
  /** The account and the Secret it names, in force when this returns. Name `acme`, tier `website` unless told. */
  applyAccount(options?: { name?: string; tier?: Tier; spec?: Partial<CrispAccount['spec']> }): Promise<void>;
  /** The Secret `<account>-crisp` with the credential that the sandbox now accepts for the tier. */
  applyCredential(options?: { name?: string; tier?: Tier }): Promise<void>;
  /** The sandbox accepts a new key for the tier from now on, and no other. */
  rotateCredential(tier?: Tier): void;
  /** Applies the server (account `acme`) and returns at once. */
  applyServer(name: string, spec?: Partial<CrispMcpServer['spec']>): Promise<void>;
  /** `kubectl wait --for=condition=Ready`, then the URL from the Secret by kubectl. */
  urlOf(server: string): Promise<string>;
  /** The URL in the server's Secret as it stands; undefined when there is none. */
  urlInSecret(server: string): Promise<string | undefined>;
  /** `kubectl wait` for `.status.reason`, by default of a server. */
  waitForReason(name: string, reason: string, resource?: string): Promise<void>;
  /** The server as it stands; fails when there is none. */
  server(name: string): Promise<ServerObject>;
  account(name?: string): Promise<ServerObject>;
  /** Every resourceVersion that a watch of the server shows in so many seconds, the present one first. */
  versionsDuring(server: string, seconds: number): Promise<string[]>;
  /** kubectl in this namespace. */
  kubectl(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const SERVICE_ACCOUNT = 'crisp-mcp-operator';

/** Call it from `beforeAll`, or from a test, at whose end it then stops. */
export async function install(options: InstallationOptions): Promise<Installation> {
  const installation = new Parts(options);
  await installation.prepare();
  const { operators = 1, gateways = 1 } = options;
  await Promise.all([
    ...Array.from({ length: operators }, () => installation.startOperator()),
    ...Array.from({ length: gateways }, () =>
      operators > 0 ? installation.startGateway() : installation.launchGateway(),
    ),
  ]);
  return installation;
}

/** {@link install} for one test: stopped at its end. */
export async function installForTest(options: InstallationOptions): Promise<Installation> {
  const installation = await install(options);
  onTestFinished(() => installation.stop());
  return installation;
}

class Parts implements Installation {
  readonly cluster: Cluster;
  readonly operators: OperatorProcess[] = [];
  readonly gateways: GatewayProcess[] = [];
  readonly #options: InstallationOptions;
  readonly #credentials: Record<Tier, { identifier: string; key: string }> = registered(
    createSandboxCredentials(systemRandom),
  );
  #prepared: Prepared | undefined;
  #launched = 0;
  /** Whether a gateway has taken the port of the public URL already. */
  #publicPortTaken = false;

  constructor(options: InstallationOptions) {
    this.#options = options;
    this.cluster = options.cluster ?? sharedCluster();
  }

  async prepare(): Promise<void> {
    const { name, redis: redisOptions, redisUrl, apiServerUrl, replaces } = this.#options;
    const { cluster } = this;
    const [namespace, redis, sandbox, port] = await Promise.all([
      replaces === undefined ? cluster.freshNamespace(name) : this.#sameNamespace(replaces.namespace),
      startRedis({ name: `${name}-redis`, ...redisOptions }),
      replaces?.sandbox ??
        startSandbox({
          clock: systemClock,
          random: systemRandom,
          logger: silentLogger,
          credentials: this.#credentials,
        }),
      freePort(),
    ]);
    for (const secret of sandbox.state.secrets()) issueSecret(secret, 'a secret of the sandbox');
    const watched = this.#clusterWide ? {} : { namespaces: [namespace] };
    const rbac = rbacYaml({ namespace, serviceAccount: SERVICE_ACCOUNT, ...watched });
    await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: rbac });
    const operatorKubeconfig = await cluster.serviceAccountKubeconfig(namespace, SERVICE_ACCOUNT);
    // The API server learns of new roles within moments; a process that comes first would log failures.
    await eventually(
      () => cluster.kubectl(['auth', 'can-i', 'watch', 'secrets', '-n', namespace], { kubeconfig: operatorKubeconfig }),
      { what: 'the role of the operator being in force' },
    );
    this.#prepared = {
      namespace,
      redis,
      sandbox,
      publicUrl: replaces?.publicUrl ?? `http://127.0.0.1:${port}`,
      redisUrl: (await redisUrl?.(redis)) ?? redis.url,
      kubeconfig: await this.#rerouted(operatorKubeconfig, apiServerUrl),
      operatorKubeconfig,
      keyring: newKeyring(name),
    };
  }

  get namespace(): string {
    return this.#parts.namespace;
  }
  get redis(): RedisServer {
    return this.#parts.redis;
  }
  get sandbox(): Sandbox {
    return this.#parts.sandbox;
  }
  get publicUrl(): string {
    return this.#parts.publicUrl;
  }
  get operatorKubeconfig(): string {
    return this.#parts.operatorKubeconfig;
  }

  async startOperator(options: OperatorStart = {}): Promise<OperatorProcess> {
    const { name, leaseDuration = 15 } = this.#options;
    const { namespace, sandbox, publicUrl, operatorKubeconfig, keyring } = this.#parts;
    const { apiServerUrl, redisUrl = this.#parts.redisUrl, waitUntilReady = true } = options;
    const kubeconfig =
      apiServerUrl === undefined
        ? this.#parts.kubeconfig
        : await this.#rerouted(operatorKubeconfig, () => apiServerUrl);
    this.#launched += 1;
    const instance = `${name}-operator-${this.#launched}`;
    const adminPort = await freePort();
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    const argv = [
      'operator',
      ...['--public-url', publicUrl, '--kubeconfig', kubeconfig],
      ...(this.#clusterWide ? [] : ['--namespaces', namespace]),
      ...['--lease-namespace', namespace, '--lease-duration', String(leaseDuration), '--instance', instance],
      ...['--allowed-api-urls', sandbox.url, '--redis-url', redisUrl, '--keyring', keyring],
      ...['--admin-host', '127.0.0.1', '--admin-port', String(adminPort)],
    ];
    const process = await startProcess(instance, argv, {
      ...(waitUntilReady ? { readyUrl: `${adminUrl}/readyz`, readyTimeout: 30_000 } : {}),
      metricsUrl: `${adminUrl}/metrics`,
    });
    const operator = { process, adminUrl };
    this.operators.push(operator);
    return operator;
  }

  launchGateway(): Promise<GatewayProcess> {
    return this.#gateway(false);
  }

  startGateway(): Promise<GatewayProcess> {
    return this.#gateway(true);
  }

  async #gateway(untilReady: boolean): Promise<GatewayProcess> {
    const { name, staleFor = 5 } = this.#options;
    const { sandbox, publicUrl, redisUrl, keyring } = this.#parts;
    const first = this.#takePublicPort();
    const port = first ? Number(new URL(publicUrl).port) : await freePort();
    const adminPort = await freePort();
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    this.#launched += 1;
    const argv = [
      'gateway',
      ...['--host', '127.0.0.1', '--port', String(port), '--stale-for', String(staleFor)],
      ...['--allowed-api-urls', sandbox.url, '--redis-url', redisUrl, '--keyring', keyring],
      ...['--drain-delay', '0', '--drain-timeout', '3'],
      ...['--admin-host', '127.0.0.1', '--admin-port', String(adminPort)],
    ];
    const process = await startProcess(`${name}-gateway-${this.#launched}`, argv, {
      ...(untilReady ? { readyUrl: `${adminUrl}/readyz`, readyTimeout: 30_000 } : {}),
      metricsUrl: `${adminUrl}/metrics`,
    });
    const gateway = { process, adminUrl, url: `http://127.0.0.1:${port}` };
    if (first) this.gateways.unshift(gateway);
    else this.gateways.push(gateway);
    return gateway;
  }

  /** The public URL belongs to one gateway at a time: the first, and once that has ended the next one. */
  #takePublicPort(): boolean {
    if (this.#publicPortTaken && this.gateways[0]?.process.isRunning !== false) return false;
    this.#publicPortTaken = true;
    return true;
  }

  async leader(): Promise<OperatorProcess | undefined> {
    const lease = Lease.safeParse(await this.cluster.get('lease', this.namespace, LEASE_NAME));
    const holder = lease.data?.spec.holderIdentity ?? '';
    return this.operators.find(({ process }) => holder.startsWith(`${process.name}_`));
  }

  async restartOperator(): Promise<OperatorProcess> {
    await Promise.all(this.operators.map(({ process }) => process.stop()));
    return await this.startOperator();
  }

  async applyAccount(
    options: { name?: string; tier?: Tier; spec?: Partial<CrispAccount['spec']> } = {},
  ): Promise<void> {
    const { name = 'acme', tier = 'website', spec = {} } = options;
    const { sandbox, namespace } = this.#parts;
    await this.applyCredential({ name, tier });
    const credentials = [{ tier, secretRef: { name: `${name}-crisp` } }];
    const account = { websiteId: sandbox.websiteId, apiUrl: sandbox.url, credentials, ...spec };
    await this.cluster.apply([accountManifest(namespace, name, account)]);
    await this.kubectl('wait', '--for=condition=Ready', `crispaccount/${name}`, '--timeout=30s');
  }

  async applyCredential({ name = 'acme', tier = 'website' }: { name?: string; tier?: Tier } = {}): Promise<void> {
    await this.cluster.apply([secretManifest(this.namespace, `${name}-crisp`, { ...this.#credentials[tier] })]);
  }

  rotateCredential(tier: Tier = 'website'): void {
    this.#credentials[tier] = registered(createSandboxCredentials(systemRandom))[tier];
  }

  async applyServer(name: string, spec: Partial<CrispMcpServer['spec']> = {}): Promise<void> {
    await this.cluster.apply([serverManifest(this.namespace, name, 'acme', spec)]);
  }

  async urlOf(server: string): Promise<string> {
    await this.kubectl('wait', '--for=condition=Ready', `crispmcpserver/${server}`, '--timeout=30s');
    const url = await this.urlInSecret(server);
    if (url === undefined) throw new Error(`CrispMcpServer ${server} is Ready and has no Secret`);
    return url;
  }

  async urlInSecret(server: string): Promise<string | undefined> {
    const args = ['get', 'secret', `${server}-mcp`, '-n', this.namespace, '-o', 'jsonpath={.data.url}'];
    const { code, stdout, stderr } = await this.cluster.tryKubectl([...args, '--ignore-not-found']);
    if (code !== 0) throw new Error(stderr);
    if (stdout === '') return undefined;
    const url = Buffer.from(stdout, 'base64').toString('utf8');
    issueSecret(tokenOfUrl(url), `the token of CrispMcpServer ${this.namespace}/${server}`);
    return url;
  }

  async waitForReason(name: string, reason: string, resource = 'crispmcpserver'): Promise<void> {
    await this.kubectl('wait', `--for=jsonpath={.status.reason}=${reason}`, `${resource}/${name}`, '--timeout=30s');
  }

  async server(name: string): Promise<ServerObject> {
    return ServerObject.parse(await this.cluster.get('crispmcpserver', this.namespace, name));
  }

  async account(name = 'acme'): Promise<ServerObject> {
    return ServerObject.parse(await this.cluster.get('crispaccount', this.namespace, name));
  }

  async versionsDuring(server: string, seconds: number): Promise<string[]> {
    const path = `/apis/crispmcp.io/v1alpha1/namespaces/${this.namespace}/crispmcpservers`;
    const query = `watch=true&fieldSelector=metadata.name%3D${server}&timeoutSeconds=${seconds}`;
    const lines = (await this.cluster.kubectl(['get', '--raw', `${path}?${query}`])).split('\n');
    const seen = lines.filter((line) => line !== '').map((line) => WatchLine.parse(JSON.parse(line)));
    return seen.map((event) => event.object.metadata.resourceVersion);
  }

  kubectl(...args: string[]): Promise<string> {
    return this.cluster.kubectl([...args, '-n', this.namespace]);
  }

  async stop(): Promise<void> {
    const processes = [...this.operators, ...this.gateways].map(({ process }) => process.stop());
    await Promise.all(processes);
    await Promise.all([this.redis.stop(), this.sandbox.close()]);
  }

  get #clusterWide(): boolean {
    return this.#options.scope === 'cluster';
  }

  async #sameNamespace(namespace: string): Promise<string> {
    await this.cluster.kubectl(['create', 'namespace', namespace]);
    return namespace;
  }

  get #parts(): Prepared {
    if (this.#prepared === undefined) throw new Error('the installation is not prepared');
    return this.#prepared;
  }

  /** The kubeconfig with another way to the API server. */
  async #rerouted(kubeconfig: string, via: InstallationOptions['apiServerUrl']): Promise<string> {
    if (via === undefined) return kubeconfig;
    const url = await via(this.cluster.url);
    const path = kubeconfig.replace(/\.kubeconfig$/, `.by-${new URL(url).port}.kubeconfig`);
    const text = readFileSync(kubeconfig, 'utf8').replace(this.cluster.url, url);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}

interface Prepared {
  readonly namespace: string;
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  readonly publicUrl: string;
  readonly redisUrl: string;
  /** What the operators are given. */
  readonly kubeconfig: string;
  readonly operatorKubeconfig: string;
  readonly keyring: string;
}

/** What tests look at in a server or an account. */
export const ServerObject = z.object({
  metadata: z.object({ uid: z.string(), resourceVersion: z.string(), generation: z.number() }),
  status: z
    .object({
      reason: z.string().default(''),
      fingerprint: z.string().optional(),
      expiresAt: z.string().optional(),
      tools: z.object({ count: z.number() }).optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }))
        .default([]),
    })
    .default({ reason: '', conditions: [] }),
});
export type ServerObject = z.infer<typeof ServerObject>;

const WatchLine = z.object({ object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }) });
const Lease = z.object({ spec: z.object({ holderIdentity: z.string().optional() }) });

export function tokenOfUrl(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}

function newKeyring(name: string): string {
  const folder = mkdtempSync(join(scratchFolder(), `${name}-keyring-`));
  const entry = newKeyringEntry(systemRandom);
  issueSecret(entry.slice(entry.indexOf(':') + 1), 'the key of a keyring');
  writeFileSync(join(folder, 'current'), `${entry}\n`, { mode: 0o600 });
  return folder;
}

function registered(
  credentials: Readonly<Record<Tier, { identifier: string; key: string }>>,
): Record<Tier, { identifier: string; key: string }> {
  for (const [tier, { key }] of Object.entries(credentials)) issueSecret(key, `a Crisp key of tier ${tier}`);
  return { ...credentials };
}
