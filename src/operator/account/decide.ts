import type { AccountReason, CredentialState, Tier } from '../../resources/crisp-account.ts';
import { ACCOUNT_FINALIZER } from '../../resources/names.ts';
import type {
  AccountDecision,
  AccountOutcome,
  AccountSituation,
  AccountStep,
  CredentialFinding,
  PresentFinding,
} from './situation.ts';

/**
 * What is to be done about one account: which credentials Crisp must be asked about (each once for each change of it),
 * what the store may hold (accepted credentials and no others), and what the status says. Pure.
 */
export function decideAccount(situation: AccountSituation): AccountDecision {
  const { account, apiUrl, invalid, store } = situation;
  if (account.metadata.deletionTimestamp !== undefined) return decideDeletion(situation);
  if (invalid !== undefined) {
    return withdraw(situation, 'InvalidSpec', `The spec cannot be used: ${invalid} Correct it.`);
  }
  if (apiUrl.kind === 'refused') {
    return withdraw(
      situation,
      'ApiUrlNotAllowed',
      `apiUrl ${apiUrl.origin} is not on the operator's list of allowed origins, so no credential is sent there. Correct it, or have the origin added to the operator and the gateway (--allowed-api-url).`,
    );
  }
  const finalizer: AccountStep[] = hasFinalizer(situation) ? [] : [{ do: 'addFinalizer' }];
  const unasked = situation.credentials.filter((finding) => mustAsk(situation, finding)).map((finding) => finding.tier);
  if (unasked.length > 0) {
    const announce: AccountStep[] = account.status?.conditions === undefined ? [{ do: 'announce' }] : [];
    const steps: AccountStep[] = [...finalizer, ...announce, { do: 'checkCredentials', tiers: unasked }];
    return { steps, again: true, status: undefined };
  }
  const states = situation.credentials.map((finding) => stateOf(situation, finding));
  const accepted = states.filter((state) => state.state === 'Accepted').map((state) => state.tier);
  const record: AccountStep =
    accepted.length === 0 ? { do: 'deleteAccount' } : { do: 'putAccount', origin: apiUrl.origin, tiers: accepted };
  return {
    steps: [...finalizer, record],
    again: false,
    status: store.failed ? storeUnavailable(situation, states) : outcomeOf(situation.credentials, states),
  };
}

function decideDeletion(situation: AccountSituation): AccountDecision {
  const { store } = situation;
  const done = (steps: AccountStep[]): AccountDecision => ({
    steps,
    again: false,
    status: undefined,
  });
  if (!hasFinalizer(situation)) return done([{ do: 'deleteAccount' }]);
  if (!store.failed) return done([{ do: 'deleteAccount' }, { do: 'removeFinalizer' }]);
  if (store.abandonRecord) return done([{ do: 'warnRecordAbandoned' }, { do: 'removeFinalizer' }]);
  return {
    ...done([{ do: 'deleteAccount' }]),
    status: storeUnavailable(situation, situation.account.status?.credentials ?? []),
  };
}

function hasFinalizer({ account }: AccountSituation): boolean {
  return account.metadata.finalizers?.includes(ACCOUNT_FINALIZER) ?? false;
}

/** Nothing is known of this revision: neither from status, which outlives restarts, nor from an answer just now. */
function mustAsk(situation: AccountSituation, finding: CredentialFinding): boolean {
  if (finding.found !== 'present') return false;
  if (situation.verdicts.get(finding.tier)?.revision === finding.revision) return false;
  return settledState(situation, finding.tier, finding) === undefined;
}

/** The credentials that a decision would ask about as they are now, were nothing known of them. */
export function wantedRevisions(situation: AccountSituation): ReadonlyMap<Tier, string> {
  const { account, apiUrl, invalid, credentials } = situation;
  if (account.metadata.deletionTimestamp !== undefined || invalid !== undefined || apiUrl.kind === 'refused') {
    return new Map();
  }
  return new Map(
    credentials.flatMap((finding) => (finding.found === 'present' ? [[finding.tier, finding.revision]] : [])),
  );
}

function settledState(
  situation: AccountSituation,
  tier: Tier,
  { revision, formerRevision }: PresentFinding,
): CredentialState | undefined {
  const settled = situation.account.status?.credentials?.find(
    (state) =>
      state.tier === tier &&
      state.revision !== undefined &&
      (state.revision === revision || state.revision === formerRevision) &&
      (state.state === 'Accepted' || state.state === 'Refused'),
  );
  return settled === undefined ? undefined : { ...settled, revision };
}

function stateOf(situation: AccountSituation, finding: CredentialFinding): CredentialState {
  const { tier, secretName } = finding;
  switch (finding.found) {
    case 'absent':
      return { tier, state: 'Missing', message: `There is no Secret "${secretName}" in this namespace; create it.` };
    case 'incomplete':
      return {
        tier,
        state: 'Missing',
        message: `Secret "${secretName}" lacks ${finding.missingKeys.map((key) => `"${key}"`).join(' and ')}; add the missing part of the token pair.`,
      };
    case 'present':
      return checkedState(situation, tier, secretName, finding);
  }
}

function checkedState(
  situation: AccountSituation,
  tier: Tier,
  secretName: string,
  finding: PresentFinding,
): CredentialState {
  const { revision } = finding;
  const answer = situation.verdicts.get(tier);
  if (answer?.revision !== revision) {
    return settledState(situation, tier, finding) ?? { tier, state: 'Unchecked', message: 'Not checked yet.' };
  }
  const { verdict } = answer;
  switch (verdict.kind) {
    case 'accepted':
      return { tier, state: 'Accepted', revision };
    case 'refused':
      return { tier, state: 'Refused', message: bounded(`${verdict.message} ${refusedRemedy(secretName)}`), revision };
    case 'unknown':
      return { tier, state: 'Unchecked', message: bounded(`${verdict.message} It is tried again by itself.`) };
  }
}

function refusedRemedy(secretName: string): string {
  return `Correct Secret "${secretName}"; if the token was repaired on Crisp's side, delete and re-create the Secret and it is checked again.`;
}

/** Tiers whose present credential is known to be accepted, without asking anything more. */
export function acceptedTiers(situation: AccountSituation): readonly Tier[] {
  return situation.credentials
    .filter((finding) => stateOf(situation, finding).state === 'Accepted')
    .map((finding) => finding.tier);
}

function outcomeOf(findings: readonly CredentialFinding[], states: readonly CredentialState[]): AccountOutcome {
  const accepted = states.filter((state) => state.state === 'Accepted');
  const unusable = states.filter((state) => state.state !== 'Accepted');
  const problems = unusable.map((state) => `${state.tier}: ${state.message ?? state.state}`).join(' ');
  if (unusable.length === 0) {
    const message = `Crisp accepts ${states.length === 1 ? 'the credential' : `all ${states.length} credentials`} (${tierList(accepted)}).`;
    return said('CredentialsAccepted', 'True', message, states);
  }
  if (accepted.length > 0) {
    return said(
      'SomeCredentialsUnusable',
      'True',
      `Crisp accepts ${tierList(accepted)}; not usable: ${problems}`,
      states,
    );
  }
  return said(worstReason(findings, unusable), 'False', `No credential can be used. ${problems}`, states);
}

/** The reason that most needs a person: a refusal before an absent Secret before an incomplete one before a wait. */
function worstReason(findings: readonly CredentialFinding[], unusable: readonly CredentialState[]): AccountReason {
  if (unusable.some((state) => state.state === 'Refused')) return 'CredentialRefused';
  if (findings.some((finding) => finding.found === 'absent')) return 'SecretNotFound';
  if (findings.some((finding) => finding.found === 'incomplete')) return 'SecretIncomplete';
  return 'CrispUnreachable';
}

function said(
  reason: AccountReason,
  ready: 'True' | 'False',
  message: string,
  credentials: readonly CredentialState[],
): AccountOutcome {
  const accepted = credentials.filter((state) => state.state === 'Accepted');
  return {
    reason,
    conditions: [{ type: 'Ready', status: ready, reason, message }],
    credentials,
    tiers: accepted.length === 0 ? undefined : tierList(accepted),
  };
}

function storeUnavailable(situation: AccountSituation, credentials: readonly CredentialState[]): AccountOutcome {
  const waiting =
    situation.account.metadata.deletionTimestamp === undefined
      ? 'the account is not in effect as it stands here'
      : 'the account is deleted as soon as its credentials are known to be gone from it';
  const message = `The route store (Redis) does not answer, so ${waiting}. It is tried again by itself; check the store and the operator's log.`;
  return said('StoreUnavailable', 'False', message, credentials);
}

export function checking(situation: AccountSituation): AccountOutcome {
  const message = 'Asking Crisp whether it accepts the credentials.';
  return {
    reason: 'Checking',
    conditions: [
      { type: 'Ready', status: 'Unknown', reason: 'Checking', message },
      { type: 'Reconciling', status: 'True', reason: 'Checking', message },
    ],
    credentials: situation.account.status?.credentials ?? [],
    tiers: undefined,
  };
}

/** Nothing is stored for an account whose spec must not be used. */
function withdraw(situation: AccountSituation, reason: AccountReason, message: string): AccountDecision {
  const stalled: AccountOutcome = {
    reason,
    conditions: [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Stalled', status: 'True', reason, message },
    ],
    credentials: [],
    tiers: undefined,
  };
  const status = situation.store.failed ? storeUnavailable(situation, []) : stalled;
  return { steps: [{ do: 'deleteAccount' }], again: false, status };
}

function tierList(states: readonly { tier: Tier }[]): string {
  return states.map((state) => state.tier).join(', ');
}

/** Messages of a credential are at most 512 characters in the CRD. */
function bounded(message: string): string {
  return message.length <= 512 ? message : `${message.slice(0, 509)}...`;
}
