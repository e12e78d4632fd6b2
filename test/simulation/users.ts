import { type Secret, secretType } from '../../src/kubernetes/core-types.ts';
import type { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { isApiError } from '../../src/kubernetes/object-api.ts';
import type { Clock, Timer } from '../../src/process/clock.ts';
import { type CrispAccountSpec, crispAccountType } from '../../src/resources/crisp-account.ts';
import type { CrispApiToken } from '../../src/resources/crisp-api-token.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import { API_GROUP, API_VERSION } from '../../src/resources/names.ts';
import {
  API_TOKENS,
  type ApiTokenEdit,
  type ApiTokenPlan,
  type BearerName,
  type CredentialName,
  type Deed,
  type ServerEdit,
  type ServerPlan,
} from './deeds.ts';
import { encode, NAMESPACE, type Resources } from './resources.ts';
import { API_TOKEN_KIND, type BearerKind, SERVER_KIND, secretNameOf, type TokenBearer } from './token-bearers.ts';
import { FILTERS } from './tools.ts';

/** What people and their tools do to resources. Their calls never fail on the way; what the API refuses is forgotten. */
const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
const TIERS: readonly CrispAccountSpec['credentials'][] = [
  [{ tier: 'plugin', secretRef: { name: 'plugin-token' } }],
  [
    { tier: 'plugin', secretRef: { name: 'plugin-token' } },
    { tier: 'user', secretRef: { name: 'user-token' } },
  ],
  [{ tier: 'user', secretRef: { name: 'user-token' } }],
];
/** The same for servers and API tokens, so that one may be both. */
const BROUGHT_TOKENS = ['b'.repeat(43), 'c'.repeat(64)];

export class Users {
  readonly #api: EmbeddedObjectApi;
  readonly #resources: Resources;
  readonly #time: Clock;
  /** The manifests that people keep in their repositories. */
  readonly #manifests = new Map<BearerName, TokenBearer>();
  #credentials = 0;
  #plans: Timer[] = [];

  constructor(options: { api: EmbeddedObjectApi; resources: Resources; time: Clock }) {
    this.#api = options.api;
    this.#resources = options.resources;
    this.#time = options.time;
  }

  /** Returns false for a deed that is nobody's here. */
  async perform(deed: Deed): Promise<boolean> {
    try {
      return await this.#perform(deed);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists', 'NotFound')) throw error;
      return true;
    }
  }

  /** Nobody does any more what he had in mind. */
  rest(): void {
    for (const plan of this.#plans) plan.cancel();
    this.#plans = [];
  }

  async #perform(deed: Deed): Promise<boolean> {
    const api = this.#api;
    switch (deed.do) {
      case 'createServer':
        await this.#create(deed.name, this.#serverManifest(deed.name, deed.plan));
        return true;
      case 'createApiToken':
        await this.#create(deed.name, this.#apiTokenManifest(deed.name, deed.plan));
        return true;
      case 'applyAgain': {
        const manifest = this.#manifests.get(deed.name);
        if (manifest !== undefined) await this.#create(deed.name, manifest);
        return true;
      }
      case 'deleteServer':
      case 'deleteApiToken':
        await api.delete(kindOf(deed.name).type, at(deed.name));
        return true;
      case 'editServer':
      case 'editApiToken':
        await api.mergePatch(kindOf(deed.name).type, at(deed.name), { spec: this.#editOf(deed.edit) });
        return true;
      case 'extendAtEnd': {
        const leftMs = Date.parse(this.#find(deed.name)?.spec.expiresAt ?? '') - this.#time.now();
        if (!(leftMs > 0)) return true;
        this.#plans.push(this.#time.setTimer(leftMs + deed.lateMs, () => void this.#extend(deed.name)));
        return true;
      }
      case 'deleteTokenSecret':
        await api.delete(secretType, at(this.#secretNameOf(deed.name)));
        return true;
      case 'breakToken':
        await this.#setToken(deed.name, 'too short');
        return true;
      case 'bringToken':
        await this.#bringToken(deed.name, BROUGHT_TOKENS[deed.token] ?? '');
        return true;
      case 'foreignSecret':
        await api.create(secretType, secret(this.#secretNameOf(deed.name), 'Opaque', { precious: 'yes' }));
        return true;
      case 'createAccount':
        await api.create(crispAccountType, {
          apiVersion: `${API_GROUP}/${API_VERSION}`,
          kind: 'CrispAccount',
          metadata: at(deed.name),
          spec: { websiteId: WEBSITE, credentials: TIERS[deed.name === 'acme' ? 0 : 1] ?? [] },
        });
        return true;
      case 'deleteAccount':
        await api.delete(crispAccountType, at(deed.name));
        return true;
      case 'editAccount':
        await api.mergePatch(crispAccountType, at(deed.name), { spec: { credentials: TIERS[deed.tiers] } });
        return true;
      case 'setCredential':
        await this.#setCredential(deed.name, deed.quality);
        return true;
      case 'deleteCredential':
        await api.delete(secretType, at(deed.name));
        return true;
      default:
        return false;
    }
  }

  async #create(name: BearerName, manifest: TokenBearer): Promise<void> {
    await this.#api.create(kindOf(name).type, manifest);
    this.#manifests.set(name, manifest);
  }

  #serverManifest(name: string, plan: ServerPlan): CrispMcpServer {
    const { account, filter, suspend, asksApiToken } = plan;
    return {
      apiVersion: `${API_GROUP}/${API_VERSION}`,
      kind: 'CrispMcpServer',
      metadata: at(name),
      spec: {
        accountRef: { name: account },
        ...FILTERS[filter]?.filter,
        ...this.#lifeOf(plan),
        ...(suspend ? { suspend } : {}),
        ...(asksApiToken ? { requireApiTokenAuth: true } : {}),
      },
    };
  }

  #apiTokenManifest(name: string, plan: ApiTokenPlan): CrispApiToken {
    return {
      apiVersion: `${API_GROUP}/${API_VERSION}`,
      kind: 'CrispApiToken',
      metadata: at(name),
      spec: { scopes: [...plan.scopes], servers: [...plan.servers], ...this.#lifeOf(plan) },
    };
  }

  /** A server and an API token may both want the Secret "shared". */
  #lifeOf({ expiresInMs, policy, sharesSecret }: Pick<ServerPlan, 'expiresInMs' | 'policy' | 'sharesSecret'>) {
    return {
      ...(expiresInMs === undefined ? {} : { expiresAt: this.#instant(expiresInMs) }),
      ...(policy === undefined ? {} : { expirationPolicy: policy }),
      ...(sharesSecret ? { secretName: 'shared' } : {}),
    };
  }

  #editOf(edit: ServerEdit | ApiTokenEdit): object {
    switch (edit.field) {
      case 'filter':
        return { methods: null, tags: null, tools: null, ...FILTERS[edit.filter]?.filter };
      case 'expiresAt':
        return { expiresAt: edit.inMs === undefined ? null : this.#instant(edit.inMs) };
      case 'policy':
        return { expirationPolicy: edit.policy };
      case 'suspend':
        return { suspend: edit.suspend };
      case 'asksApiToken':
        return { requireApiTokenAuth: edit.asks };
      case 'rights':
        return { servers: edit.servers, scopes: edit.scopes };
    }
  }

  async #extend(name: BearerName): Promise<void> {
    const edit = { field: 'expiresAt', inMs: 30_000 } as const;
    await this.perform(isApiToken(name) ? { do: 'editApiToken', name, edit } : { do: 'editServer', name, edit });
  }

  async #setToken(owner: BearerName, token: string): Promise<void> {
    const name = this.#secretNameOf(owner);
    if (this.#resources.secret(name)?.type !== kindOf(owner).secretType) return;
    await this.#api.mergePatch(secretType, at(name), { data: { token: encode(token) } });
  }

  async #bringToken(owner: BearerName, token: string): Promise<void> {
    const name = this.#secretNameOf(owner);
    if (this.#resources.secret(name) !== undefined) await this.#setToken(owner, token);
    else await this.#api.create(secretType, secret(name, kindOf(owner).secretType, { token }));
  }

  /** Every setting of a credential is another key. */
  async #setCredential(name: CredentialName, quality: 'good' | 'bad' | 'incomplete'): Promise<void> {
    this.#credentials += 1;
    const key = quality === 'incomplete' ? null : encode(`${quality}-${this.#credentials}`);
    const data = { identifier: encode('identifier'), key };
    if (this.#resources.secret(name) !== undefined) await this.#api.mergePatch(secretType, at(name), { data });
    else if (key !== null)
      await this.#api.create(secretType, { ...secret(name, 'Opaque', {}), data: { ...data, key } });
  }

  #find(name: BearerName): TokenBearer | undefined {
    return kindOf(name)
      .objects(this.#resources)
      .find(({ metadata }) => metadata.name === name);
  }

  #secretNameOf(name: BearerName): string {
    const kind = kindOf(name);
    const object = this.#find(name);
    return object === undefined ? `${name}${kind.secretSuffix}` : secretNameOf(kind, object);
  }

  /** Some people write milliseconds, most do not. */
  #instant(inMs: number): string {
    const instant = this.#time.now() + inMs;
    return new Date(inMs % 3 === 0 ? instant : Math.floor(instant / 1000) * 1000).toISOString();
  }
}

function isApiToken(name: BearerName): name is (typeof API_TOKENS)[number] {
  return API_TOKENS.some((apiToken) => apiToken === name);
}

function kindOf(name: BearerName): BearerKind {
  return isApiToken(name) ? API_TOKEN_KIND : SERVER_KIND;
}

function at(name: string): { namespace: string; name: string } {
  return { namespace: NAMESPACE, name };
}

function secret(name: string, type: string, content: Record<string, string>): Secret {
  const data = Object.fromEntries(Object.entries(content).map(([key, value]) => [key, encode(value)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: at(name), type, data };
}
