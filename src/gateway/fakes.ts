import type { Tier, Tool } from '../catalog/tool.ts';
import type { CallOutcome, CallSignal, CrispAccess, CrispCaller, CrispCredential } from '../crisp/outcome.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../routes/records.ts';
import type { AccountLookup, ApiTokenLookup, InvalidationListener, RouteLookup, RouteReader } from '../routes/store.ts';
import { hashToken, type TokenHash } from '../routes/token.ts';
import type { RunningCall, Served } from './running-calls.ts';

/** Builders and stand-ins for the tests of this folder. */
export const TOKEN = 'T0k3n_T0k3n-T0k3n_T0k3n-T0k3n_T0k3n-T0k3n_T';

export function token(number: number): string {
  return `${'t'.repeat(43 - String(number).length)}${number}`;
}

export function routeRecord(changes: Partial<RouteRecord> = {}): RouteRecord {
  return {
    uid: 'server-uid',
    namespace: 'support',
    name: 'assistant',
    displayName: 'Support assistant',
    exp: null,
    filter: {},
    accountUid: 'account-uid',
    auth: 'path',
    state: 'live',
    ...changes,
  };
}

export function apiTokenRecord(changes: Partial<ApiTokenRecord> = {}): ApiTokenRecord {
  return {
    uid: 'api-token-uid',
    namespace: 'support',
    name: 'ci',
    exp: null,
    scopes: ['connect'],
    servers: ['assistant'],
    ...changes,
  };
}

export function accountRecord(changes: Partial<AccountRecord> = {}): AccountRecord {
  return {
    uid: 'account-uid',
    namespace: 'support',
    name: 'acme',
    websiteId: '0b4b8a5c-2f6d-4d64-8d5b-5d0f6f6f2a11',
    apiUrl: 'https://api.crisp.chat',
    credentials: [{ tier: 'plugin', identifier: 'identifier', key: 'crisp-key-secret' }],
    ...changes,
  };
}

export function tool(name: string, changes: Partial<Tool> = {}): Tool {
  const title = name.replaceAll('_', ' ');
  return {
    name,
    title,
    description: `Does ${title}.`,
    inputSchema: { type: 'object', properties: { page_number: { type: 'integer' } }, additionalProperties: false },
    annotations: { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    class: 'list',
    effect: 'read',
    tags: ['support'],
    tiers: ['website', 'plugin', 'user'],
    operations: [],
    ...changes,
  };
}

/** A reader whose content, answers' timing and health a test decides. */
export class FakeReader implements RouteReader {
  readonly routes = new Map<TokenHash, RouteRecord>();
  readonly apiTokens = new Map<TokenHash, ApiTokenRecord>();
  readonly accounts = new Map<string, AccountRecord>();
  verified = true;
  stale = 0;
  offset: number | undefined = 0;
  failure: Error | undefined;
  fetches = 0;
  listener: InvalidationListener | undefined;
  #held: (() => void)[] | undefined;

  put(rawToken: string, record: RouteRecord): void {
    this.routes.set(hashToken(rawToken), record);
    this.listener?.routeChanged(hashToken(rawToken));
  }

  putAccount(record: AccountRecord): void {
    this.accounts.set(record.uid, record);
    this.listener?.accountChanged(record.uid);
  }

  putApiToken(rawToken: string, record: ApiTokenRecord): void {
    this.apiTokens.set(hashToken(rawToken), record);
    this.listener?.apiTokenChanged(hashToken(rawToken));
  }

  revokeApiToken(rawToken: string): void {
    this.apiTokens.delete(hashToken(rawToken));
    this.listener?.apiTokenChanged(hashToken(rawToken));
  }

  revoke(rawToken: string): void {
    this.routes.delete(hashToken(rawToken));
    this.listener?.routeChanged(hashToken(rawToken));
  }

  /** From now on answers are computed at once, as a store does, but delivered only by {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const deliver of held) deliver();
  }

  start(listener: InvalidationListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  fetchRoute(hash: TokenHash): Promise<RouteLookup> {
    return this.#answer(this.verified ? { verified: true, route: this.routes.get(hash) } : { verified: false });
  }

  fetchApiToken(hash: TokenHash): Promise<ApiTokenLookup> {
    const apiToken = this.apiTokens.get(hash);
    return this.#answer(this.verified ? { verified: true, apiToken } : { verified: false });
  }

  fetchAccount(uid: string): Promise<AccountLookup> {
    return this.#answer(this.verified ? { verified: true, account: this.accounts.get(uid) } : { verified: false });
  }

  staleness(): number {
    return this.stale;
  }

  clockOffset(): number | undefined {
    return this.offset;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer<T>(answer: T): Promise<T> {
    this.fetches++;
    const { failure } = this;
    if (failure !== undefined) return Promise.reject(failure);
    const held = this.#held;
    if (held === undefined) return Promise.resolve(answer);
    return new Promise((resolve) => held.push(() => resolve(answer)));
  }
}

/** A reader that holds {@link TOKEN} and its account. */
export function readerWithRoute(changes: Partial<RouteRecord> = {}): FakeReader {
  const reader = new FakeReader();
  reader.put(TOKEN, routeRecord(changes));
  reader.putAccount(accountRecord());
  return reader;
}

export interface RecordedCall {
  readonly tool: string;
  readonly args: unknown;
  readonly access: CrispAccess;
  readonly signal: CallSignal;
  readonly traceparent: string | undefined;
}

/** Answers what a test tells it; `answer` may look at the call and may take as long as it likes. */
export class FakeCaller implements CrispCaller {
  readonly calls: RecordedCall[] = [];
  answer: (call: RecordedCall) => CallOutcome | Promise<CallOutcome>;

  readonly #listeners: ((credential: CrispCredential, tier: Tier) => void)[] = [];

  constructor(answer: (call: RecordedCall) => CallOutcome | Promise<CallOutcome> = () => success('{"data":[]}')) {
    this.answer = answer;
  }

  onRequest(listener: (credential: CrispCredential, tier: Tier) => void): void {
    this.#listeners.push(listener);
  }

  async call(
    called: Tool,
    args: unknown,
    access: CrispAccess,
    signal: CallSignal,
    traceparent?: string,
  ): Promise<CallOutcome> {
    const call = { tool: called.name, args, access, signal, traceparent };
    this.calls.push(call);
    const [sent] = access.credentials;
    if (sent !== undefined) for (const listener of this.#listeners) listener(sent[1], sent[0]);
    const stopped = new Promise<CallOutcome>((resolve) => {
      const settle = () => resolve({ kind: 'failure', code: 'cancelled', message: 'Stopped.' });
      if (signal.aborted) settle();
      else signal.addEventListener('abort', settle);
    });
    return Promise.race([this.answer(call), stopped]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A call or stream that nothing cuts. */
export function uncutRun(served: Served): RunningCall {
  return {
    signal: new AbortController().signal,
    served,
    ended: undefined,
    cut: new Promise(() => undefined),
    reason: undefined,
    orCut: (work) => work,
    stop: () => undefined,
    end: () => undefined,
  };
}

export function success(text: string): CallOutcome {
  return { kind: 'success', text: Buffer.from(text), upstreamStatus: 200 };
}
