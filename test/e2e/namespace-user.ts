import { z } from 'zod';
import type { CrispAccount, Tier } from '../../src/resources/crisp-account.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import type { Cluster } from '../harness/cluster.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freshCredentials, type Ground } from './ground.ts';
import { accountManifest, secretManifest, serverManifest } from './manifests.ts';

/** What a person does in the namespace of an installation, with kubectl. */
export class NamespaceUser {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.cluster = ground.cluster;
    this.namespace = ground.namespace;
    this.#ground = ground;
  }

  /** The account and the Secret it names, in force when this returns. Name `acme`, tier `website` unless told. */
  async applyAccount(
    options: { name?: string; tier?: Tier; spec?: Partial<CrispAccount['spec']> } = {},
  ): Promise<void> {
    const { name = 'acme', tier = 'website', spec = {} } = options;
    const { websiteId, url: apiUrl } = this.#ground.sandbox;
    await this.applyCredential({ name, tier });
    const credentials = [{ tier, secretRef: { name: `${name}-crisp` } }];
    await this.cluster.apply([accountManifest(this.namespace, name, { websiteId, apiUrl, credentials, ...spec })]);
    await this.kubectl('wait', '--for=condition=Ready', `crispaccount/${name}`, '--timeout=30s');
  }

  /** The Secret `<account>-crisp` with the credential that the sandbox now accepts for the tier. */
  async applyCredential({ name = 'acme', tier = 'website' }: { name?: string; tier?: Tier } = {}): Promise<void> {
    const credential = { ...this.#ground.credentials[tier] };
    await this.cluster.apply([secretManifest(this.namespace, `${name}-crisp`, credential)]);
  }

  /** The sandbox accepts a new key for the tier from now on, and no other. */
  rotateCredential(tier: Tier = 'website'): void {
    this.#ground.credentials[tier] = freshCredentials()[tier];
  }

  /** Applies the server (account `acme`) and returns at once. */
  async applyServer(name: string, spec: Partial<CrispMcpServer['spec']> = {}): Promise<void> {
    await this.cluster.apply([serverManifest(this.namespace, name, 'acme', spec)]);
  }

  /** `kubectl wait --for=condition=Ready`, then the URL from the Secret. */
  async urlOf(server: string): Promise<string> {
    await this.kubectl('wait', '--for=condition=Ready', `crispmcpserver/${server}`, '--timeout=30s');
    const url = await this.urlInSecret(server);
    if (url === undefined) throw new Error(`CrispMcpServer ${server} is Ready and has no Secret`);
    return url;
  }

  /** The URL in the server's Secret as it stands; undefined when there is none. */
  async urlInSecret(server: string): Promise<string | undefined> {
    const stdout = await this.kubectl(
      ...['get', 'secret', `${server}-mcp`, '--ignore-not-found', '-o', 'jsonpath={.data.url}'],
    );
    if (stdout === '') return undefined;
    const url = Buffer.from(stdout, 'base64').toString('utf8');
    issueSecret(tokenOfUrl(url), `the token of CrispMcpServer ${this.namespace}/${server}`);
    return url;
  }

  /** `kubectl wait` for `.status.reason`, by default of a server. */
  async waitForReason(name: string, reason: string, resource = 'crispmcpserver'): Promise<void> {
    await this.kubectl('wait', `--for=jsonpath={.status.reason}=${reason}`, `${resource}/${name}`, '--timeout=30s');
  }

  /** The server as it stands; fails when there is none. */
  async server(name: string): Promise<SeenObject> {
    return SeenObject.parse(await this.cluster.get('crispmcpserver', this.namespace, name));
  }

  async account(name = 'acme'): Promise<SeenObject> {
    return SeenObject.parse(await this.cluster.get('crispaccount', this.namespace, name));
  }

  /** Every resourceVersion that a watch of the server shows in so many seconds, the present one first. */
  async versionsDuring(server: string, seconds: number): Promise<string[]> {
    const path = `/apis/crispmcp.io/v1alpha1/namespaces/${this.namespace}/crispmcpservers`;
    const query = `watch=true&fieldSelector=metadata.name%3D${server}&timeoutSeconds=${seconds}`;
    const lines = (await this.cluster.kubectl(['get', '--raw', `${path}?${query}`])).split('\n');
    const seen = lines.filter((line) => line !== '').map((line) => WatchLine.parse(JSON.parse(line)));
    return seen.map((event) => event.object.metadata.resourceVersion);
  }

  /** kubectl in this namespace. */
  kubectl(...args: string[]): Promise<string> {
    return this.cluster.kubectl([...args, '-n', this.namespace]);
  }
}

/** What tests look at in a server or an account. */
const SeenObject = z.object({
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
export type SeenObject = z.infer<typeof SeenObject>;

const WatchLine = z.object({ object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }) });

export function tokenOfUrl(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}
