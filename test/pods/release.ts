import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import { accountManifest, serverManifest } from '../e2e/manifests.ts';
import { tokenOfUrl } from '../e2e/namespace-user.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { CHART, helm } from './helm.ts';
import { apply, kubectl, restrictedNamespace, valueAt } from './people.ts';
import { type WayIn, wayInto } from './way-in.ts';

/**
 * The product as its users have it: the chart, installed by helm in a namespace that is held to the Pod Security Standard
 * "restricted", and the resources that they apply. Every token that passes through here is registered for the leak search.
 */
export interface ReleaseOptions {
  readonly name?: string;
  readonly namespace: string;
  readonly values?: object;
}

export class Release {
  readonly name: string;
  readonly namespace: string;
  #values: object;

  constructor({ name = 'crisp-mcp', namespace, values = {} }: ReleaseOptions) {
    this.name = name;
    this.namespace = namespace;
    this.#values = merged(baseValues(), values);
  }

  async install(): Promise<void> {
    await restrictedNamespace(this.namespace);
    await this.#helm(['install', this.name, CHART, '--wait', '--timeout', '180s'], this.#values);
  }

  /** Upgrades with these values on top of the present ones, which they then are. */
  async upgrade(values: object = {}, chart = CHART): Promise<void> {
    this.#values = merged(this.#values, values);
    await this.#helm(['upgrade', this.name, chart, '--wait', '--timeout', '180s'], this.#values);
  }

  async rollback(): Promise<void> {
    await this.#helm(['rollback', this.name, '--wait', '--timeout', '180s']);
  }

  /** Returns when the release's Pods are gone too, which helm does not wait for. */
  async uninstall(): Promise<void> {
    await this.#helm(['uninstall', this.name, '--wait', '--timeout', '180s']);
    const pods = ['-n', this.namespace, 'wait', '--for=delete', 'pod', '-l', `app.kubernetes.io/instance=${this.name}`];
    await kubectl([...pods, '--timeout=120s'], { timeout: 130_000 });
  }

  async test(): Promise<string> {
    return await this.#helm(['test', this.name, '--timeout', '120s']);
  }

  /** helm calls a release done before its former Pods have ended. */
  async settled(): Promise<void> {
    for (const kind of ['gateway', 'operator']) {
      const workload = `deployment/${this.name}-${kind}`;
      await kubectl(['-n', this.namespace, 'rollout', 'status', workload, '--timeout=120s'], { timeout: 130_000 });
    }
  }

  wayIn(): Promise<WayIn> {
    return wayInto(this.namespace, `${this.name}-gateway`);
  }

  /** The account `acme`, Ready when this returns. */
  async applyAccount(crisp: Crisp): Promise<void> {
    const credentials = [{ tier: 'website', secretRef: { name: crisp.secretName } }] as const;
    const { websiteId, apiUrl } = crisp;
    await apply(accountManifest(this.namespace, 'acme', { websiteId, apiUrl, credentials: [...credentials] }));
    await this.kubectl('wait', '--for=condition=Ready', 'crispaccount/acme', '--timeout=60s');
  }

  async applyServer(name: string, spec: Partial<CrispMcpServer['spec']> = {}): Promise<void> {
    await apply(serverManifest(this.namespace, name, 'acme', spec));
  }

  /** Waits for the server to be Ready; the URL from its Secret. */
  async urlOf(server: string): Promise<string> {
    await this.kubectl('wait', '--for=condition=Ready', `crispmcpserver/${server}`, '--timeout=60s');
    const url = await this.urlInSecret(server);
    if (url === undefined) throw new Error(`CrispMcpServer ${server} is Ready and has no Secret`);
    return url;
  }

  async urlInSecret(server: string): Promise<string | undefined> {
    const encoded = await valueAt(this.namespace, `secret/${server}-mcp`, '{.data.url}');
    if (encoded === '') return undefined;
    const url = Buffer.from(encoded, 'base64').toString('utf8');
    issueSecret(tokenOfUrl(url), `the token of CrispMcpServer ${this.namespace}/${server}`);
    return url;
  }

  kubectl(...argv: string[]): Promise<string> {
    return kubectl(['-n', this.namespace, ...argv], { timeout: 130_000 });
  }

  async #helm(argv: readonly string[], values?: object): Promise<string> {
    return await helm([...argv, '--namespace', this.namespace], values);
  }
}

/** The Crisp that a release's accounts name. */
export interface Crisp {
  readonly apiUrl: string;
  readonly websiteId: string;
  /** A Secret in the namespace of the accounts. */
  readonly secretName: string;
}

/** The sandbox that the chart brought. Its website is in what it printed. */
export async function sandboxOf(release: Release): Promise<Crisp> {
  const name = `${release.name}-sandbox`;
  const key = await valueAt(release.namespace, `secret/${name}`, '{.data.key}');
  issueSecret(Buffer.from(key, 'base64').toString('utf8'), "the sandbox's key");
  const apiUrl = `http://${name}.${release.namespace}:8090`;
  return { apiUrl, websiteId: await websiteOf(release.namespace, name), secretName: name };
}

export async function websiteOf(namespace: string, deployment: string): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const words = await kubectl(['-n', namespace, 'logs', `deployment/${deployment}`]);
    const id = /^website ([0-9a-f-]{36})$/m.exec(words)?.[1];
    if (id !== undefined) return id;
    if (attempt === 50) throw new Error(`the sandbox names no website:\n${words}`);
    await sleep(200);
  }
}

/** The run's images, and a way in from outside. */
function baseValues(): object {
  const { image, redis } = inject('podsImages');
  return {
    publicUrl: 'https://mcp.example.test',
    image: { repository: image.repository, tag: image.tag },
    redis: { embedded: { image: redis } },
    gateway: { service: { type: 'NodePort' } },
  };
}

function merged(below: object, above: object): object {
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const present = result[key];
    result[key] = isRecord(present) && isRecord(value) ? merged(present, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
