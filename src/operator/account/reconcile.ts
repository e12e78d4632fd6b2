import type { CredentialChecker, CredentialVerdict } from '../../crisp/outcome.ts';
import { namespaceType } from '../../kubernetes/core-types.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import type { ReconcileResult } from '../../kubernetes/work-queue.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import { mergeConditions } from '../../resources/conditions.ts';
import {
  type CrispAccount,
  type CrispAccountStatus,
  crispAccountType,
  type Tier,
} from '../../resources/crisp-account.ts';
import { ACCOUNT_FINALIZER } from '../../resources/names.ts';
import type { ObjectKey } from '../../resources/object.ts';
import { StoreUnavailableError } from '../../routes/errors.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { EventSink } from '../event-sink.ts';
import { addFinalizer, removeFinalizer } from '../finalizers.ts';
import { writeStatus } from '../status-writer.ts';
import type { StoreSync } from '../store-sync.ts';
import { checking, decideAccount, wantedRevisions } from './decide.ts';
import { accountRecord, type GatherAccountOptions, type GatheredAccount, gatherAccount } from './gather.ts';
import type { AccountOutcome, AccountStep } from './situation.ts';

/**
 * Brings one account to where it should be. Asking Crisp is the only slow step and is bounded in time; what is stored
 * changes before the status does, so that whoever acts on the status finds the store ready.
 */
export interface ReconcileAccountOptions extends GatherAccountOptions {
  view: ClusterView;
  api: ObjectApi;
  store: StoreSync;
  events: EventSink;
  checker: CredentialChecker;
  clock: Clock;
  logger: Logger;
  mayAbandon: (account: CrispAccount) => Promise<boolean>;
  onStoreFailure: (key: ObjectKey) => void;
}

const MOST_PASSES = 4;
const CHECK_TIMEOUT_MS = 20_000;
const STORE_RETRY_MS = 10_000;

export class AccountReconciler {
  readonly #options: ReconcileAccountOptions;

  constructor(options: ReconcileAccountOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult> {
    const { view, verdicts } = this.#options;
    if (!(await this.#forgetVanished(key))) return { requeueAfterMs: STORE_RETRY_MS };
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const account = view.accounts.get(key);
      if (account === undefined) return {};
      const gathered = await gatherAccount(account, this.#options);
      const decision = decideAccount(gathered.situation);
      try {
        for (const step of decision.steps) await this.#act(key, step, gathered);
      } catch (error) {
        if (error instanceof StoreUnavailableError) return await this.#storeFailed(key, gathered);
        if (isApiError(error, 'NotFound') && view.watched.accounts.get(key) === undefined) return {};
        throw error;
      }
      if (decision.again) continue;
      if (decision.status !== undefined) await this.#say(key, gathered, decision.status);
      const requeueAfterMs = verdicts.nextRetryMs(account.metadata.uid ?? '', wantedRevisions(gathered.situation));
      return requeueAfterMs === undefined ? {} : { requeueAfterMs };
    }
    return { requeueAfterMs: 1_000 };
  }

  /** An account that vanished without its finalizer leaves a record behind; it goes first. False when it could not. */
  async #forgetVanished(key: ObjectKey): Promise<boolean> {
    const { view, store, verdicts, onStoreFailure } = this.#options;
    try {
      await view.vanishedAccounts.forget(key, async (uid) => {
        verdicts.forget(uid);
        await store.deleteAccount(uid);
      });
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      onStoreFailure(key);
      return false;
    }
  }

  async #act(key: ObjectKey, step: AccountStep, gathered: GatheredAccount): Promise<void> {
    const { api, store, view, verdicts } = this.#options;
    const account = view.accounts.get(key) ?? gathered.situation.account;
    const uid = account.metadata.uid ?? '';
    switch (step.do) {
      case 'addFinalizer':
        return view.accounts.wrote(await addFinalizer(api, crispAccountType, account, ACCOUNT_FINALIZER), account);
      case 'removeFinalizer':
        verdicts.forget(uid);
        return view.accounts.wrote(await removeFinalizer(api, crispAccountType, account, ACCOUNT_FINALIZER), account);
      case 'announce':
        return await this.#say(key, gathered, checking(gathered.situation));
      case 'checkCredentials':
        await Promise.all(step.tiers.map((tier) => this.#check(uid, tier, gathered)));
        return;
      case 'putAccount':
        return await store.putAccount(accountRecord(gathered, step.origin, step.tiers));
      case 'deleteAccount':
        return await store.deleteAccount(uid);
      case 'warnRecordAbandoned':
        return this.#warnRecordAbandoned(account);
    }
  }

  async #check(uid: string, tier: Tier, { situation, credentials }: GatheredAccount): Promise<void> {
    const { verdicts, checker, clock, logger } = this.#options;
    const credential = credentials.get(tier);
    const finding = situation.credentials.find((candidate) => candidate.tier === tier);
    if (credential === undefined || finding?.found !== 'present') return;
    const abort = new AbortController();
    const timer = clock.setTimer(CHECK_TIMEOUT_MS, () => abort.abort());
    const { websiteId } = situation.account.spec;
    let verdict: CredentialVerdict;
    try {
      const request = { websiteId, apiUrl: situation.apiUrl.origin, tier, credential, signal: abort.signal };
      verdict = await Promise.race([checker.check(request), whenAborted(abort.signal)]);
    } catch (error) {
      logger.warn('Asking Crisp about a credential failed', { uid, tier, error });
      verdict = { kind: 'unknown', message: 'Crisp could not be asked.' };
    } finally {
      timer.cancel();
    }
    verdicts.keep(uid, tier, { revision: finding.revision, verdict });
  }

  async #storeFailed(key: ObjectKey, gathered: GatheredAccount): Promise<ReconcileResult> {
    const { view, mayAbandon, onStoreFailure } = this.#options;
    const account = view.accounts.get(key) ?? gathered.situation.account;
    const store = { failed: true, abandonRecord: await mayAbandon(account) };
    const failing = { ...gathered, situation: { ...gathered.situation, account, store } };
    const decision = decideAccount(failing.situation);
    if (decision.status !== undefined) await this.#say(key, failing, decision.status);
    else for (const step of decision.steps) if (!needsStore(step)) await this.#act(key, step, failing);
    onStoreFailure(key);
    return { requeueAfterMs: STORE_RETRY_MS };
  }

  async #say(key: ObjectKey, gathered: GatheredAccount, said: AccountOutcome): Promise<void> {
    const { api, view, events, clock } = this.#options;
    const account = view.accounts.get(key) ?? gathered.situation.account;
    const status = accountStatus(account, said, clock.now());
    const result = await writeStatus<object, CrispAccount>(api, crispAccountType, account, status);
    if (!result.written) return;
    view.accounts.wrote(result.object, account);
    if (account.status?.reason === said.reason || said.reason === 'Checking') return;
    const type = said.reason === 'CredentialsAccepted' ? 'Normal' : 'Warning';
    const note = said.conditions[0]?.message ?? said.reason;
    events.record({ regarding: account, type, reason: said.reason, action: 'Reconcile', note });
  }

  #warnRecordAbandoned(account: CrispAccount): void {
    const { apiVersion, kind } = { apiVersion: namespaceType.version, kind: namespaceType.kind };
    this.#options.events.record({
      regarding: { apiVersion, kind, metadata: { name: account.metadata.namespace ?? '' } },
      type: 'Warning',
      reason: 'AccountRecordAbandoned',
      action: 'RemoveFinalizer',
      note: `CrispAccount "${account.metadata.name}" is let go although the route store did not confirm that its record is gone, so that the namespace can end. The record goes as soon as the store answers again.`,
    });
  }
}

function accountStatus(account: CrispAccount, said: AccountOutcome, now: number): CrispAccountStatus {
  const generation = account.metadata.generation ?? 0;
  const conditions = said.conditions.map((state) => ({ ...state, message: state.message.slice(0, 2048) }));
  return {
    observedGeneration: generation,
    reason: said.reason,
    conditions: mergeConditions(account.status?.conditions ?? [], conditions, { now, generation }),
    credentials: [...said.credentials],
    ...(said.tiers === undefined ? {} : { tiers: said.tiers }),
  };
}

function needsStore(step: AccountStep): boolean {
  return step.do === 'putAccount' || step.do === 'deleteAccount';
}

/** In case the checker does not heed its signal. */
function whenAborted(signal: AbortSignal): Promise<CredentialVerdict> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'unknown', message: 'Crisp did not answer in time.' }), {
      once: true,
    });
  });
}
