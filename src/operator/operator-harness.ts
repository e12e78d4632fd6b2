import type { Tier, Tool } from '../catalog/tool.ts';
import type { CredentialChecker, CredentialVerdict } from '../crisp/outcome.ts';
import { type EventObject, eventType, type Secret, secretType } from '../kubernetes/core-types.ts';
import { EmbeddedObjectApi } from '../kubernetes/embedded/embedded-object-api.ts';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import { FakeClock } from '../process/clock.ts';
import { type Logger, silentLogger } from '../process/logger.ts';
import { createMetrics, type Metrics } from '../process/metrics.ts';
import { seededRandom } from '../process/random.ts';
import { type CrispAccount, type CrispAccountSpec, crispAccountType } from '../resources/crisp-account.ts';
import { type CrispApiToken, type CrispApiTokenSpec, crispApiTokenType } from '../resources/crisp-api-token.ts';
import { type CrispMcpServer, type CrispMcpServerSpec, crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { API_GROUP, API_VERSION } from '../resources/names.ts';
import type { LastUseBook } from '../routes/ledger/last-use-book.ts';
import { createMemoryRouteStore } from '../routes/memory-route-store.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../routes/records.ts';
import type { RouteWriter } from '../routes/store.ts';
import { hashToken } from '../routes/token.ts';
import { createOperator, type Operator, type OperatorOptions } from './operator.ts';
import { TEST_TOOLS } from './test-tools.ts';

/**
 * For tests: the real operator on the embedded API and the memory store, under a clock that stands still. Every write to
 * either is recorded in order, and the n-th can be the last before a crash.
 */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export interface HarnessOptions {
  /** The n-th write is the operator's last. */
  crashAfter?: number;
  config?: Partial<OperatorOptions['config']>;
  tools?: readonly Tool[];
  isLeader?: () => boolean;
  metrics?: Metrics;
  lastUses?: LastUseBook;
  logger?: Logger;
}

export class Harness {
  readonly clock = new FakeClock();
  readonly random = seededRandom(7);
  readonly api = new EmbeddedObjectApi({ clock: this.clock, random: this.random });
  readonly store = createMemoryRouteStore({ clock: this.clock });
  readonly checker = new ScriptedChecker();
  /** Writes of operators, `API create Secret default/a` or `store putRoute`. */
  writes: string[] = [];
  publicUrl = 'https://mcp.example.com';
  operator: Operator | undefined;
  #terms = 0;

  /** Starts an operator that leads, and lets it settle. */
  async start(options: HarnessOptions = {}): Promise<Operator> {
    const operator = this.create(options);
    this.operator = operator;
    await operator.start();
    this.#terms += 1;
    await operator.lead(this.#terms).catch(() => undefined);
    await this.settle();
    return operator;
  }

  create(options: HarnessOptions = {}): Operator {
    let left = options.crashAfter ?? Number.POSITIVE_INFINITY;
    let operator: Operator | undefined;
    const write = async <T>(what: string, action: () => Promise<T>): Promise<T> => {
      if (left <= 0) throw new SimulatedCrash(what);
      left -= 1;
      this.writes.push(what);
      const result = await action();
      if (left <= 0) {
        operator?.halt();
        throw new SimulatedCrash(what);
      }
      return result;
    };
    operator = createOperator({
      api: recordingApi(this.api, write),
      store: recordingWriter(this.store.writer(), write),
      checker: this.checker,
      clock: this.clock,
      random: this.random,
      logger: options.logger ?? silentLogger,
      metrics: options.metrics ?? createMetrics({ process: 'test', runtime: false }),
      events: { record: (event) => void this.events.push(event) },
      tools: options.tools ?? TEST_TOOLS,
      config: { publicUrl: this.publicUrl, revisionKeys: () => ({ current: Buffer.alloc(32, 1) }), ...options.config },
      isLeader: options.isLeader ?? (() => true),
      ...(options.lastUses && { lastUses: options.lastUses }),
    });
    return operator;
  }

  readonly events: Parameters<NonNullable<OperatorOptions['events']>['record']>[0][] = [];

  /** Lets everything that can happen without time passing happen. */
  async settle(): Promise<void> {
    for (let round = 0; round < 4; round += 1) await this.clock.advanceAsync(25);
  }

  async advance(milliseconds: number): Promise<void> {
    await this.clock.advanceAsync(milliseconds);
    await this.settle();
  }

  async account(name = 'acme', spec: Partial<CrispAccountSpec> = {}): Promise<CrispAccount> {
    return await this.api.create(crispAccountType, accountManifest(name, spec));
  }

  async server(name: string, spec: Partial<CrispMcpServerSpec> = {}): Promise<CrispMcpServer> {
    return await this.api.create(crispMcpServerType, serverManifest(name, spec));
  }

  async apiToken(name: string, spec: Partial<CrispApiTokenSpec> = {}): Promise<CrispApiToken> {
    return await this.api.create(crispApiTokenType, apiTokenManifest(name, spec));
  }

  async getApiToken(name: string): Promise<CrispApiToken | undefined> {
    return await this.api.get(crispApiTokenType, { namespace: NAMESPACE, name });
  }

  async patchApiToken(name: string, patch: object): Promise<void> {
    await this.api.mergePatch(crispApiTokenType, { namespace: NAMESPACE, name }, patch);
    await this.settle();
  }

  /** The record that the gateway finds for an API token. */
  async apiTokenRecord(token: string): Promise<ApiTokenRecord | 'unverified' | undefined> {
    const found = await this.store.fetchApiToken(hashToken(token));
    return found.verified ? found.apiToken : 'unverified';
  }

  async credentials(name = 'acme-crisp', key = 'k'.repeat(64)): Promise<Secret> {
    return await this.api.create(secretType, credentialManifest(name, key));
  }

  async getServer(name: string): Promise<CrispMcpServer | undefined> {
    return await this.api.get(crispMcpServerType, { namespace: NAMESPACE, name });
  }

  async getAccount(name = 'acme'): Promise<CrispAccount | undefined> {
    return await this.api.get(crispAccountType, { namespace: NAMESPACE, name });
  }

  async getSecret(name: string): Promise<Secret | undefined> {
    return await this.api.get(secretType, { namespace: NAMESPACE, name });
  }

  async patchServer(name: string, patch: object): Promise<void> {
    await this.api.mergePatch(crispMcpServerType, { namespace: NAMESPACE, name }, patch);
    await this.settle();
  }

  async token(secretName: string): Promise<string> {
    const secret = await this.getSecret(secretName);
    return Buffer.from(secret?.data?.token ?? '', 'base64').toString();
  }

  /** The route that the gateway finds for a token. */
  async route(token: string): Promise<RouteRecord | 'unverified' | undefined> {
    const found = await this.store.fetchRoute(hashToken(token));
    return found.verified ? found.route : 'unverified';
  }

  async accountRecord(uid: string): Promise<AccountRecord | undefined> {
    const found = await this.store.fetchAccount(uid);
    return found.verified ? found.account : undefined;
  }
}

export const NAMESPACE = 'default';
export const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';

export function serverManifest(name: string, spec: Partial<CrispMcpServerSpec> = {}): CrispMcpServer {
  return {
    apiVersion: `${API_GROUP}/${API_VERSION}`,
    kind: 'CrispMcpServer',
    metadata: { name, namespace: NAMESPACE },
    spec: { accountRef: { name: 'acme' }, ...spec },
  };
}

function apiTokenManifest(name: string, spec: Partial<CrispApiTokenSpec> = {}): CrispApiToken {
  return {
    apiVersion: `${API_GROUP}/${API_VERSION}`,
    kind: 'CrispApiToken',
    metadata: { name, namespace: NAMESPACE },
    spec: { scopes: ['connect'], servers: ['support'], ...spec },
  };
}

export function accountManifest(name: string, spec: Partial<CrispAccountSpec> = {}): CrispAccount {
  return {
    apiVersion: `${API_GROUP}/${API_VERSION}`,
    kind: 'CrispAccount',
    metadata: { name, namespace: NAMESPACE },
    spec: { websiteId: WEBSITE, credentials: [{ tier: 'plugin', secretRef: { name: 'acme-crisp' } }], ...spec },
  };
}

function credentialManifest(name: string, key: string): Secret {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    data: { identifier: encode('identifier'), key: encode(key) },
  };
}

/** Says yes unless told otherwise. */
export class ScriptedChecker implements CredentialChecker {
  verdict: CredentialVerdict = { kind: 'accepted' };
  asked: { tier: Tier; apiUrl: string }[] = [];

  async check(request: Parameters<CredentialChecker['check']>[0]): Promise<CredentialVerdict> {
    this.asked.push({ tier: request.tier, apiUrl: request.apiUrl });
    return this.verdict;
  }
}

type Write = <T>(what: string, action: () => Promise<T>) => Promise<T>;

function recordingApi(api: ObjectApi, write: Write): ObjectApi {
  const at = (reference: { namespace?: string; name: string }) => `${reference.namespace ?? ''}/${reference.name}`;
  return {
    list: (type, options) => api.list(type, options),
    watch: (type, options) => api.watch(type, options),
    get: (type, reference) => api.get(type, reference),
    create: (type, object, options) =>
      write(`API create ${type.kind} ${at(object.metadata)}`, () => api.create(type, object, options)),
    replace: (type, object, options) =>
      write(`API replace ${type.kind} ${at(object.metadata)}`, () => api.replace(type, object, options)),
    apply: (type, object, options) =>
      write(`API apply ${type.kind} ${at(object.metadata)}`, () => api.apply(type, object, options)),
    mergePatch: (type, reference, patch, options) =>
      write(`API patch ${type.kind} ${at(reference)}${options?.subresource === undefined ? '' : ' status'}`, () =>
        api.mergePatch(type, reference, patch, options),
      ),
    jsonPatch: (type, reference, operations, options) =>
      write(`API patch ${type.kind} ${at(reference)}`, () => api.jsonPatch(type, reference, operations, options)),
    delete: (type, reference, preconditions) =>
      write(`API delete ${type.kind} ${at(reference)}`, () => api.delete(type, reference, preconditions)),
  };
}

function recordingWriter(writer: RouteWriter, write: Write): RouteWriter {
  const { apiTokens } = writer;
  return {
    takeEpoch: (transitions) => write('store takeEpoch', () => writer.takeEpoch(transitions)),
    putRoute: (epoch, hash, record) => write('store putRoute', () => writer.putRoute(epoch, hash, record)),
    putRoutes: (epoch, routes) => write(`store putRoutes ${routes.length}`, () => writer.putRoutes(epoch, routes)),
    deleteRoutes: (epoch, uid, keep) => write('store deleteRoutes', () => writer.deleteRoutes(epoch, uid, keep)),
    removeRoutes: (epoch, hashes) => write('store removeRoutes', () => writer.removeRoutes(epoch, hashes)),
    apiTokens: {
      put: (epoch, hash, record) => write('store putApiToken', () => apiTokens.put(epoch, hash, record)),
      putMany: (epoch, entries) =>
        write(`store putApiTokens ${entries.length}`, () => apiTokens.putMany(epoch, entries)),
      deleteOf: (epoch, uid, keep) => write('store deleteApiTokens', () => apiTokens.deleteOf(epoch, uid, keep)),
      remove: (epoch, hashes) => write('store removeApiTokens', () => apiTokens.remove(epoch, hashes)),
      revision: (hash, record) => apiTokens.revision(hash, record),
    },
    putAccount: (epoch, record) => write('store putAccount', () => writer.putAccount(epoch, record)),
    deleteAccount: (epoch, uid) => write('store deleteAccount', () => writer.deleteAccount(epoch, uid)),
    inventory: () => writer.inventory(),
    routeRevision: (hash, record) => writer.routeRevision(hash, record),
    accountRevision: (record) => writer.accountRevision(record),
    isVerified: () => writer.isVerified(),
    markVerified: (epoch) => write('store markVerified', () => writer.markVerified(epoch)),
    close: () => writer.close(),
  };
}

export async function listEvents(api: ObjectApi): Promise<EventObject[]> {
  return (await api.list(eventType)).items;
}
