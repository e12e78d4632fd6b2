import { isDeepStrictEqual } from 'node:util';
import type { Tool } from '../catalog/tool.ts';
import type { CredentialChecker } from '../crisp/outcome.ts';
import { ExpiryTimers } from '../kubernetes/expiry-timers.ts';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import { type Priority, WorkQueue } from '../kubernetes/work-queue.ts';
import type { Clock, Timer } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Random } from '../process/random.ts';
import { keyOf, type ObjectKey } from '../resources/object.ts';
import type { LastUseBook } from '../routes/ledger/last-use-book.ts';
import type { RouteWriter } from '../routes/store.ts';
import type { TokenHash } from '../routes/token.ts';
import { abandonment } from './abandonment.ts';
import { AccountReconciler } from './account/reconcile.ts';
import type { VerdictMemory } from './account/verdict-memory.ts';
import { API_TOKEN_KIND, type ApiTokenTypes } from './api-token/api-token-kind.ts';
import type { ClusterView } from './cluster-view.ts';
import type { OperatorConfig } from './config.ts';
import { desiredStore } from './desired-store.ts';
import type { EventSink } from './event-sink.ts';
import { LastUseStatus } from './last-use-status.ts';
import { gateWrites } from './leader-gate.ts';
import type { OperatorMetrics, ReconciledKind } from './operator-metrics.ts';
import { accountSituation, ServerFactsReader } from './server/facts.ts';
import { SERVER_KIND } from './server/server-kind.ts';
import type { ServerTypes } from './server/situation.ts';
import { type StoreState, StoreSync, type TokenKind } from './store-sync.ts';
import { OwnerActor } from './token-owner/act.ts';
import { OwnerGatherer } from './token-owner/gather.ts';
import { OwnerReconciler } from './token-owner/reconcile.ts';

/**
 * What exists only while this process leads: the queues and who feeds them, the reconcilers, the timers, the hand on the
 * route store. Everything that changes leads to a key in a queue; every object is looked at once when it begins and
 * again each ten minutes, behind whatever people do meanwhile.
 */
export interface LeadershipOptions {
  view: ClusterView;
  api: ObjectApi;
  store: RouteWriter;
  lastUses?: LastUseBook;
  checker: CredentialChecker;
  events: EventSink;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: OperatorMetrics;
  config: OperatorConfig;
  tools: readonly Tool[];
  verdicts: VerdictMemory;
  allowedOrigins: ReadonlySet<string>;
  isLeading: () => boolean;
  onFenced: () => void;
}

const RESYNC_MS = 600_000;
const SERVER_WORKERS = 32;
const ACCOUNT_WORKERS = 16;
const API_TOKEN_WORKERS = 8;
const MOST_AWAITED_TOKENS = 10_000;

export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #servers: WorkQueue;
  readonly #accounts: WorkQueue;
  readonly #apiTokens: WorkQueue;
  readonly #timers: ExpiryTimers;
  readonly #apiTokenTimers: ExpiryTimers;
  readonly #store: StoreSync;
  readonly #serverReconciler: OwnerReconciler<ServerTypes>;
  readonly #accountReconciler: AccountReconciler;
  readonly #apiTokenReconciler: OwnerReconciler<ApiTokenTypes>;
  readonly #lastUses: LastUseStatus | undefined;
  readonly #noMoreWork = new AbortController();
  /** After this nothing is written any more. */
  readonly #end = new AbortController();
  /** Keys whose last reconcile failed on the store. */
  readonly #awaitStore = {
    servers: new Set<ObjectKey>(),
    accounts: new Set<ObjectKey>(),
    apiTokens: new Set<ObjectKey>(),
  };
  readonly #awaitToken: Readonly<Record<TokenKind, Map<TokenHash, Set<ObjectKey>>>> = {
    server: new Map(),
    apiToken: new Map(),
  };
  #unsubscribe: (() => void)[] = [];
  #running: Promise<unknown>[] = [];
  #resyncTimer: Timer | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    const { view, clock, logger, random, events, config, metrics, isLeading } = options;
    const api = gateWrites(options.api, isLeading);
    const queue = (name: string, kind: ReconciledKind) =>
      new WorkQueue({ name, clock, logger, observer: metrics.observer(kind) });
    this.#servers = queue('CrispMcpServer', 'server');
    this.#accounts = queue('CrispAccount', 'account');
    this.#apiTokens = queue('CrispApiToken', 'apiToken');
    this.#timers = new ExpiryTimers({ clock, logger, onDue: (key) => this.#servers.add(key) });
    this.#apiTokenTimers = new ExpiryTimers({ clock, logger, onDue: (key) => this.#apiTokens.add(key) });
    const account = {
      view,
      verdicts: options.verdicts,
      allowedOrigins: options.allowedOrigins,
      revisionKeys: config.revisionKeys,
    };
    this.#store = new StoreSync({
      writer: options.store,
      clock,
      logger,
      isLeading,
      desired: (holders) =>
        desiredStore({ view, servers, apiTokens, account, namespaces: config.namespaces, clock }, holders),
      isLiveServer: (uid) => view.serverOfUid(uid) !== undefined,
      isLiveApiToken: (uid) => view.apiTokenOfUid(uid) !== undefined,
      isLiveAccount: (uid) => view.accountOfUid(uid) !== undefined,
      onRecovered: (how) => this.#storeRecovered(how),
      onReleased: (kind, hash) => this.#tokenReleased(kind, hash),
      onFenced: (error) => {
        logger.error('Another leader has taken over the route store; this one ends', { error });
        options.onFenced();
      },
    });
    const mayAbandon = abandonment({ api, store: this.#store });
    const shared = { view, api, store: this.#store, events, clock, random, mayAbandon };
    const facts = new ServerFactsReader({ view, publicUrl: config.publicUrl, tools: options.tools });
    const servers = new OwnerGatherer<ServerTypes>({
      ...shared,
      kind: SERVER_KIND,
      factsOf: (server, spec) => facts.read(server, spec),
    });
    const apiTokens = new OwnerGatherer<ApiTokenTypes>({ ...shared, kind: API_TOKEN_KIND, factsOf: () => ({}) });
    this.#serverReconciler = new OwnerReconciler<ServerTypes>({
      ...shared,
      kind: SERVER_KIND,
      timers: this.#timers,
      gatherer: servers,
      actor: new OwnerActor<ServerTypes>({ ...shared, kind: SERVER_KIND }),
      onStoreFailure: (key) => this.#awaitStore.servers.add(key),
      onTokenTaken: (key, hash) => this.#awaitTokenOf('server', key, hash),
      onReason: (key, reason) => metrics.serverReason(key, reason),
    });
    this.#apiTokenReconciler = new OwnerReconciler<ApiTokenTypes>({
      ...shared,
      kind: API_TOKEN_KIND,
      timers: this.#apiTokenTimers,
      gatherer: apiTokens,
      actor: new OwnerActor<ApiTokenTypes>({ ...shared, kind: API_TOKEN_KIND }),
      onStoreFailure: (key) => this.#awaitStore.apiTokens.add(key),
      onTokenTaken: (key, hash) => this.#awaitTokenOf('apiToken', key, hash),
    });
    this.#accountReconciler = new AccountReconciler({
      ...shared,
      ...account,
      checker: options.checker,
      logger,
      onStoreFailure: (key) => this.#awaitStore.accounts.add(key),
    });
    this.#lastUses =
      options.lastUses &&
      new LastUseStatus({ book: options.lastUses, view, api, clock, logger, observer: metrics, isLeading });
  }

  get active(): boolean {
    return !this.#end.signal.aborted;
  }

  get idle(): boolean {
    return this.#servers.idle && this.#accounts.idle && this.#apiTokens.idle && this.#store.state !== 'rebuilding';
  }

  get storeState(): StoreState {
    return this.#store.state;
  }

  async start(leaseTransitions: number): Promise<void> {
    const { config } = this.#options;
    this.#subscribe();
    const rebuilt = this.#store.start(leaseTransitions);
    this.#addAll('low');
    const { signal } = this.#noMoreWork;
    this.#running = [
      this.#servers.run({
        workers: config.serverWorkers ?? SERVER_WORKERS,
        reconcile: (key) => this.#serverReconciler.reconcile(key),
        signal,
      }),
      this.#accounts.run({
        workers: config.accountWorkers ?? ACCOUNT_WORKERS,
        reconcile: (key) => this.#accountReconciler.reconcile(key),
        signal,
      }),
      this.#apiTokens.run({
        workers: API_TOKEN_WORKERS,
        reconcile: (key) => this.#apiTokenReconciler.reconcile(key),
        signal,
      }),
      this.#lastUses?.run(signal) ?? Promise.resolve(),
    ];
    this.#scheduleResync();
    await rebuilt;
  }

  /** Nothing new begins; what runs may finish and write, within the queues' bound. */
  async drain(): Promise<void> {
    this.#cease();
    await Promise.all(this.#running);
  }

  halt(): void {
    this.#end.abort();
    this.#cease();
    this.#store.stop();
  }

  #cease(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#resyncTimer?.cancel();
    this.#timers.stop();
    this.#apiTokenTimers.stop();
    this.#noMoreWork.abort();
  }

  #subscribe(): void {
    const { view } = this.#options;
    const { servers, accounts, apiTokens, secrets } = view.watched;
    view.vanishedServers.begin();
    view.vanishedAccounts.begin();
    view.vanishedApiTokens.begin();
    this.#unsubscribe = [
      servers.onChange((change) => this.#servers.add(change.key)),
      accounts.onChange((change) => {
        this.#accounts.add(change.key);
        const matters =
          change.kind !== 'changed' ||
          !isDeepStrictEqual(accountSituation(change.before), accountSituation(change.object));
        if (matters) for (const key of view.serversOfAccount(change.key)) this.#servers.add(key);
      }),
      apiTokens.onChange((change) => this.#apiTokens.add(change.key)),
      secrets.onChange((change) => {
        for (const key of view.accountsOfSecret(change.key)) this.#accounts.add(key);
        for (const key of view.serversOfSecret(change.key)) this.#servers.add(key);
        for (const key of view.apiTokensOfSecret(change.key)) this.#apiTokens.add(key);
      }),
    ];
  }

  #addAll(priority: Priority): void {
    const { servers, accounts, apiTokens } = this.#options.view.watched;
    for (const account of accounts.list()) this.#accounts.add(keyOf(account), { priority });
    for (const apiToken of apiTokens.list()) this.#apiTokens.add(keyOf(apiToken), { priority });
    for (const server of servers.list()) this.#servers.add(keyOf(server), { priority });
  }

  #storeRecovered(how: 'rebuilt' | 'answers'): void {
    const { servers, accounts, apiTokens } = this.#awaitStore;
    for (const key of accounts) this.#accounts.add(key);
    for (const key of servers) this.#servers.add(key);
    for (const key of apiTokens) this.#apiTokens.add(key);
    accounts.clear();
    servers.clear();
    apiTokens.clear();
    if (how === 'rebuilt') this.#addAll('low');
  }

  /** For promptness only, as whoever waits is looked at each minute; so those who gave up waiting may be dropped. */
  #awaitTokenOf(kind: TokenKind, key: ObjectKey, hash: TokenHash): void {
    const awaited = this.#awaitToken[kind];
    if (awaited.size >= MOST_AWAITED_TOKENS) awaited.clear();
    awaited.set(hash, (awaited.get(hash) ?? new Set()).add(key));
  }

  #tokenReleased(kind: TokenKind, hash: TokenHash): void {
    const queue = kind === 'server' ? this.#servers : this.#apiTokens;
    for (const key of this.#awaitToken[kind].get(hash) ?? []) queue.add(key);
    this.#awaitToken[kind].delete(hash);
  }

  #scheduleResync(): void {
    this.#resyncTimer = this.#options.clock.setTimer(RESYNC_MS, () => {
      void this.#resync().finally(() => {
        if (!this.#noMoreWork.signal.aborted) this.#scheduleResync();
      });
    });
  }

  /** The periodic comparison, now: the keys of the store have changed. */
  async resync(): Promise<void> {
    await this.#resync();
  }

  async #resync(): Promise<void> {
    try {
      await this.#store.resync();
    } catch (error) {
      this.#options.logger.warn('The comparison with the route store failed; it is tried again', { error });
    }
    this.#addAll('low');
  }
}
