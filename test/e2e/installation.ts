import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { LEASE_NAME } from '../../src/resources/names.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Cluster } from '../harness/cluster.ts';
import { freePort } from '../harness/ports.ts';
import { type RunningProcess, startProcess } from '../harness/processes.ts';
import type { RedisOptions, RedisServer } from '../harness/redis.ts';
import { type Ground, prepareGround, rerouted } from './ground.ts';
import { NamespaceUser } from './namespace-user.ts';

export { tokenOfUrl } from './namespace-user.ts';

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

export interface Installation extends NamespaceUser {
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  /** What the sandbox accepts now. */
  readonly credentials: Ground['credentials'];
  readonly publicUrl: string;
  /** Folder of the keyring that every process reads. */
  readonly keyring: string;
  /** Kubeconfig of the operator's ServiceAccount: the real role. */
  readonly operatorKubeconfig: string;
  /** In the order of their start; ended ones stay in the list. */
  readonly operators: OperatorProcess[];
  /** The one at the public URL first; ended ones stay in the list. */
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
  stop(): Promise<void>;
}

/** Call it from `beforeAll`, or from a test. */
export async function install(options: InstallationOptions): Promise<Installation> {
  const installation = new Parts(options, await prepareGround(options));
  const { operators = 1, gateways = 1 } = options;
  try {
    await Promise.all([
      ...Array.from({ length: operators }, () => installation.startOperator()),
      ...Array.from({ length: gateways }, () =>
        operators > 0 ? installation.startGateway() : installation.launchGateway(),
      ),
    ]);
  } catch (error) {
    // A gateway waits for what an operator does, so its words alone do not say what went wrong.
    throw new Error(`${error instanceof Error ? error.message : String(error)}${installation.wordsOfOperators()}`);
  }
  return installation;
}

/** {@link install} for one test: stopped at its end. */
export async function installForTest(options: InstallationOptions): Promise<Installation> {
  const installation = await install(options);
  onTestFinished(() => installation.stop());
  return installation;
}

class Parts extends NamespaceUser implements Installation {
  readonly operators: OperatorProcess[] = [];
  readonly gateways: GatewayProcess[] = [];
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  readonly credentials: Ground['credentials'];
  readonly publicUrl: string;
  readonly operatorKubeconfig: string;
  readonly keyring: string;
  readonly #options: InstallationOptions;
  readonly #ground: Ground;
  #launched = 0;
  /** Whether a gateway has taken the port of the public URL already. */
  #publicPortTaken = false;

  constructor(options: InstallationOptions, ground: Ground) {
    super(ground);
    this.redis = ground.redis;
    this.sandbox = ground.sandbox;
    this.credentials = ground.credentials;
    this.publicUrl = ground.publicUrl;
    this.operatorKubeconfig = ground.operatorKubeconfig;
    this.keyring = ground.keyring;
    this.#options = options;
    this.#ground = ground;
  }

  async startOperator(options: OperatorStart = {}): Promise<OperatorProcess> {
    const { name, leaseDuration = 15, scope = 'namespace' } = this.#options;
    const { cluster, namespace, operatorKubeconfig } = this;
    const { apiServerUrl, redisUrl = this.#ground.redisUrl, waitUntilReady = true } = options;
    const kubeconfig =
      apiServerUrl === undefined ? this.#ground.kubeconfig : rerouted(cluster, operatorKubeconfig, apiServerUrl);
    this.#launched += 1;
    const instance = `${name}-operator-${this.#launched}`;
    const argv = [
      ...['operator', '--public-url', this.publicUrl, '--kubeconfig', kubeconfig],
      ...(scope === 'cluster' ? [] : ['--namespaces', namespace]),
      ...['--lease-namespace', namespace, '--lease-duration', String(leaseDuration), '--instance', instance],
      ...this.#storeAndCrisp(redisUrl),
    ];
    const operator = await this.#start(instance, argv, waitUntilReady);
    this.operators.push(operator);
    return operator;
  }

  launchGateway(): Promise<GatewayProcess> {
    return this.#gateway(false);
  }

  startGateway(): Promise<GatewayProcess> {
    return this.#gateway(true);
  }

  async #gateway(waitUntilReady: boolean): Promise<GatewayProcess> {
    const { name, staleFor = 5 } = this.#options;
    const first = this.#takePublicPort();
    const port = first ? Number(new URL(this.publicUrl).port) : await freePort();
    this.#launched += 1;
    const argv = [
      ...['gateway', '--host', '127.0.0.1', '--port', String(port), '--stale-for', String(staleFor)],
      ...['--drain-delay', '0', '--drain-timeout', '3'],
      ...this.#storeAndCrisp(this.#ground.redisUrl),
    ];
    const started = await this.#start(`${name}-gateway-${this.#launched}`, argv, waitUntilReady);
    const gateway = { ...started, url: `http://127.0.0.1:${port}` };
    if (first) this.gateways.unshift(gateway);
    else this.gateways.push(gateway);
    return gateway;
  }

  #storeAndCrisp(redisUrl: string): string[] {
    const { keyring } = this.#ground;
    return ['--allowed-api-urls', this.sandbox.url, '--redis-url', redisUrl, '--keyring', keyring];
  }

  async #start(name: string, argv: readonly string[], waitUntilReady: boolean): Promise<OperatorProcess> {
    const adminPort = await freePort();
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    const admin = ['--admin-host', '127.0.0.1', '--admin-port', String(adminPort)];
    const process = await startProcess(name, [...argv, ...admin], {
      ...(waitUntilReady ? { readyUrl: `${adminUrl}/readyz`, readyTimeout: 30_000 } : {}),
      metricsUrl: `${adminUrl}/metrics`,
    });
    return { process, adminUrl };
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

  wordsOfOperators(): string {
    return this.operators
      .map(({ process }) => {
        const state = process.isRunning ? 'running' : 'ended';
        return `\n${process.name} (${state}) last said:\n${process.output().slice(-3_000)}`;
      })
      .join('');
  }

  async restartOperator(): Promise<OperatorProcess> {
    await Promise.all(this.operators.map(({ process }) => process.stop()));
    return await this.startOperator();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.operators, ...this.gateways].map(({ process }) => process.stop()));
    await Promise.all([this.redis.stop(), this.sandbox.close()]);
  }
}

const Lease = z.object({ spec: z.object({ holderIdentity: z.string().optional() }) });
