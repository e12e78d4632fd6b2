import { type Secret, secretType } from '../../src/kubernetes/core-types.ts';
import type { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { isApiError } from '../../src/kubernetes/object-api.ts';
import type { Clock, Timer } from '../../src/process/clock.ts';
import { type CrispAccountSpec, crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { API_GROUP, API_VERSION, TOKEN_SECRET_TYPE } from '../../src/resources/names.ts';
import { encode, NAMESPACE, type Resources } from './resources.ts';
import type { CredentialName, Deed, ServerEdit, ServerPlan } from './script.ts';
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
const BROUGHT_TOKENS = ['b'.repeat(43), 'c'.repeat(64)];

export class Users {
  readonly #api: EmbeddedObjectApi;
  readonly #resources: Resources;
  readonly #time: Clock;
  /** The manifests that people keep in their repositories. */
  readonly #manifests = new Map<string, CrispMcpServer>();
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
        await this.#createServer(deed.name, deed.plan);
        return true;
      case 'applyAgain': {
        const manifest = this.#manifests.get(deed.name);
        if (manifest !== undefined) await api.create(crispMcpServerType, manifest);
        return true;
      }
      case 'deleteServer':
        await api.delete(crispMcpServerType, at(deed.name));
        return true;
      case 'editServer':
        await api.mergePatch(crispMcpServerType, at(deed.name), { spec: this.#editOf(deed.edit) });
        return true;
      case 'extendAtEnd': {
        const leftMs = Date.parse(this.#resources.server(deed.name)?.spec.expiresAt ?? '') - this.#time.now();
        const extension = { do: 'editServer', name: deed.name, edit: { field: 'expiresAt', inMs: 30_000 } } as const;
        if (!(leftMs > 0)) return true;
        this.#plans.push(this.#time.setTimer(leftMs + deed.lateMs, () => void this.perform(extension)));
        return true;
      }
      case 'deleteTokenSecret':
        await api.delete(secretType, at(this.#secretNameOf(deed.name)));
        return true;
      case 'breakToken':
        await this.#setToken(this.#secretNameOf(deed.name), 'too short');
        return true;
      case 'bringToken':
        await this.#bringToken(this.#secretNameOf(deed.name), BROUGHT_TOKENS[deed.token] ?? '');
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

  async #createServer(name: string, plan: ServerPlan): Promise<void> {
    const { account, filter, expiresInMs, policy, suspend, sharesSecret } = plan;
    const manifest: CrispMcpServer = {
      apiVersion: `${API_GROUP}/${API_VERSION}`,
      kind: 'CrispMcpServer',
      metadata: at(name),
      spec: {
        accountRef: { name: account },
        ...FILTERS[filter]?.filter,
        ...(expiresInMs === undefined ? {} : { expiresAt: this.#instant(expiresInMs) }),
        ...(policy === undefined ? {} : { expirationPolicy: policy }),
        ...(suspend ? { suspend } : {}),
        ...(sharesSecret ? { secretName: 'shared' } : {}),
      },
    };
    await this.#api.create(crispMcpServerType, manifest);
    this.#manifests.set(name, manifest);
  }

  #editOf(edit: ServerEdit): object {
    switch (edit.field) {
      case 'filter':
        return { methods: null, tags: null, tools: null, ...FILTERS[edit.filter]?.filter };
      case 'expiresAt':
        return { expiresAt: edit.inMs === undefined ? null : this.#instant(edit.inMs) };
      case 'policy':
        return { expirationPolicy: edit.policy };
      case 'suspend':
        return { suspend: edit.suspend };
    }
  }

  async #setToken(name: string, token: string): Promise<void> {
    if (this.#resources.secret(name)?.type !== TOKEN_SECRET_TYPE) return;
    await this.#api.mergePatch(secretType, at(name), { data: { token: encode(token) } });
  }

  async #bringToken(name: string, token: string): Promise<void> {
    if (this.#resources.secret(name) !== undefined) await this.#setToken(name, token);
    else await this.#api.create(secretType, secret(name, TOKEN_SECRET_TYPE, { token }));
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

  #secretNameOf(server: string): string {
    return this.#resources.server(server)?.spec.secretName ?? `${server}-mcp`;
  }

  /** Some people write milliseconds, most do not. */
  #instant(inMs: number): string {
    const instant = this.#time.now() + inMs;
    return new Date(inMs % 3 === 0 ? instant : Math.floor(instant / 1000) * 1000).toISOString();
  }
}

function at(name: string): { namespace: string; name: string } {
  return { namespace: NAMESPACE, name };
}

function secret(name: string, type: string, content: Record<string, string>): Secret {
  const data = Object.fromEntries(Object.entries(content).map(([key, value]) => [key, encode(value)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: at(name), type, data };
}
