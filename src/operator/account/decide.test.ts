import { describe, expect, it } from 'vitest';
import type { CrispAccount, CrispAccountStatus } from '../../resources/crisp-account.ts';
import { ACCOUNT_FINALIZER } from '../../resources/names.ts';
import type { ObjectMeta } from '../../resources/object.ts';
import { decideAccount } from './decide.ts';
import type { AccountSituation, CredentialFinding } from './situation.ts';

function account(metadata: Partial<ObjectMeta> = {}, status?: CrispAccountStatus): CrispAccount {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispAccount',
    metadata: { name: 'acme', namespace: 'default', uid: 'a1', finalizers: [ACCOUNT_FINALIZER], ...metadata },
    spec: {
      websiteId: '8c842203-7ed8-4e29-a608-7cf78a7d2fcc',
      credentials: [{ tier: 'plugin', secretRef: { name: 'crisp' } }],
    },
    ...(status === undefined ? {} : { status }),
  };
}

const PRESENT: CredentialFinding = { tier: 'plugin', secretName: 'crisp', found: 'present', revision: 'r1' };
const USER: CredentialFinding = { tier: 'user', secretName: 'session', found: 'absent' };
const WORKING: CrispAccountStatus = {
  conditions: [],
  credentials: [{ tier: 'plugin', state: 'Accepted', revision: 'r1' }],
};

function situation(fields: Partial<AccountSituation> = {}): AccountSituation {
  return {
    account: account({}, WORKING),
    apiUrl: { kind: 'allowed', origin: 'https://api.crisp.chat' },
    invalid: undefined,
    credentials: [PRESENT],
    verdicts: new Map(),
    store: { failed: false, abandonRecord: false },
    ...fields,
  };
}

const answered = (verdict: 'accepted' | 'refused' | 'unknown', revision = 'r1') =>
  new Map([['plugin', { revision, verdict: { kind: verdict, message: `Crisp says ${verdict}.` } }] as const]);

interface Row {
  readonly when: string;
  readonly given: AccountSituation;
  readonly steps: string[];
  readonly reason: string | undefined;
  readonly ready?: string;
  readonly says?: RegExp;
  readonly revision?: string;
}

const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z' };

const TABLE: readonly Row[] = [
  {
    when: 'new: finalizer, a word to people, then Crisp is asked',
    given: situation({ account: account({ finalizers: [] }) }),
    steps: ['addFinalizer', 'announce', 'checkCredentials'],
    reason: undefined,
  },
  {
    when: 'accepted just now: stored',
    given: situation({ account: account(), verdicts: answered('accepted') }),
    steps: ['putAccount'],
    reason: 'CredentialsAccepted',
    ready: 'True',
  },
  {
    when: 'accepted by what the status remembers: stored without asking',
    given: situation(),
    steps: ['putAccount'],
    reason: 'CredentialsAccepted',
    ready: 'True',
  },
  {
    when: 'changed since it was accepted: asked again',
    given: situation({ credentials: [{ ...PRESENT, revision: 'r2' }] }),
    steps: ['checkCredentials'],
    reason: undefined,
  },
  {
    when: 'settled under the other key of the keyring: nothing is asked, and the status follows',
    given: situation({ credentials: [{ ...PRESENT, revision: 'r1-by-new-key', formerRevision: 'r1' }] }),
    steps: ['putAccount'],
    reason: 'CredentialsAccepted',
    revision: 'r1-by-new-key',
  },
  {
    when: 'answered for an older revision: asked again',
    given: situation({ account: account(), verdicts: answered('accepted', 'r0') }),
    steps: ['announce', 'checkCredentials'],
    reason: undefined,
  },
  {
    when: 'refused: not stored, with the remedy',
    given: situation({ verdicts: answered('refused') }),
    steps: ['deleteAccount'],
    reason: 'CredentialRefused',
    ready: 'False',
    says: /Crisp says refused\..*Correct Secret "crisp"/,
  },
  {
    when: 'not settled by Crisp: not stored, asked again later',
    given: situation({ account: account(), verdicts: answered('unknown') }),
    steps: ['deleteAccount'],
    reason: 'CrispUnreachable',
    ready: 'False',
    says: /tried again by itself/,
  },
  {
    when: 'without its Secret',
    given: situation({ credentials: [{ tier: 'plugin', secretName: 'crisp', found: 'absent' }] }),
    steps: ['deleteAccount'],
    reason: 'SecretNotFound',
    ready: 'False',
    says: /no Secret "crisp".*create it/,
  },
  {
    when: 'with half a Secret',
    given: situation({
      credentials: [{ tier: 'plugin', secretName: 'crisp', found: 'incomplete', missingKeys: ['key'] }],
    }),
    steps: ['deleteAccount'],
    reason: 'SecretIncomplete',
    ready: 'False',
    says: /Secret "crisp" lacks "key"/,
  },
  {
    when: 'usable with one of two credentials: stored with that one, and said',
    given: situation({ credentials: [PRESENT, USER] }),
    steps: ['putAccount'],
    reason: 'SomeCredentialsUnusable',
    ready: 'True',
    says: /accepts plugin; not usable: user: There is no Secret "session"/,
  },
  {
    when: 'pointed at an origin that is not allowed: nothing is asked or stored',
    given: situation({ account: account(), apiUrl: { kind: 'refused', origin: 'https://evil.example' } }),
    steps: ['deleteAccount'],
    reason: 'ApiUrlNotAllowed',
    ready: 'False',
    says: /https:\/\/evil\.example/,
  },
  {
    when: 'not readable',
    given: situation({ invalid: 'spec.websiteId: Invalid.' }),
    steps: ['deleteAccount'],
    reason: 'InvalidSpec',
    ready: 'False',
  },
  {
    when: 'right, but the store does not take it',
    given: situation({ store: { failed: true, abandonRecord: false } }),
    steps: ['putAccount'],
    reason: 'StoreUnavailable',
    ready: 'False',
  },
  {
    when: 'deleted: record, then finalizer',
    given: situation({ account: account(deleting) }),
    steps: ['deleteAccount', 'removeFinalizer'],
    reason: undefined,
  },
  {
    when: 'deleted, store failing: the finalizer stays',
    given: situation({ account: account(deleting), store: { failed: true, abandonRecord: false } }),
    steps: ['deleteAccount'],
    reason: 'StoreUnavailable',
  },
  {
    when: 'deleted, store failing for long, namespace ending: let go with a warning',
    given: situation({ account: account(deleting), store: { failed: true, abandonRecord: true } }),
    steps: ['warnRecordAbandoned', 'removeFinalizer'],
    reason: undefined,
  },
];

describe('an account that is', () => {
  it.each(TABLE)('$when', ({ given, steps, reason, ready, says, revision }) => {
    const decision = decideAccount(given);
    expect(decision.steps.map((step) => step.do)).toEqual(steps);
    expect(decision.status?.reason).toBe(reason);
    const condition = decision.status?.conditions[0];
    if (ready !== undefined) expect(condition?.status).toBe(ready);
    if (says !== undefined) expect(condition?.message).toMatch(says);
    if (revision !== undefined) expect(decision.status?.credentials[0]?.revision).toBe(revision);
    expect(decision.again).toBe(steps.includes('checkCredentials'));
  });
});

it('stores the accepted tiers only', () => {
  const [step] = decideAccount(situation({ credentials: [PRESENT, USER] })).steps;
  expect(step).toEqual({ do: 'putAccount', origin: 'https://api.crisp.chat', tiers: ['plugin'] });
});
