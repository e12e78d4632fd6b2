import type { CredentialVerdict } from '../../crisp/outcome.ts';
import type { ConditionState } from '../../resources/conditions.ts';
import type { AccountReason, CredentialState, CrispAccount, Tier } from '../../resources/crisp-account.ts';

/**
 * The language in which an account is decided upon. Plain data without any credential: a credential appears as its
 * revision, a keyed digest.
 */
export interface AccountSituation {
  readonly account: CrispAccount;
  readonly apiUrl: ApiUrlReading;
  /** `undefined` when the spec can be read. */
  readonly invalid: string | undefined;
  /** One for each entry of `spec.credentials`, least privileged tier first. */
  readonly credentials: readonly CredentialFinding[];
  /** What Crisp just said, by tier; holds only for the revision it was asked about. */
  readonly verdicts: ReadonlyMap<Tier, { readonly revision: string; readonly verdict: CredentialVerdict }>;
  readonly store: { readonly failed: boolean; readonly abandonRecord: boolean };
}

export type ApiUrlReading =
  | { readonly kind: 'allowed'; readonly origin: string }
  | { readonly kind: 'refused'; readonly origin: string };

export type CredentialFinding = { readonly tier: Tier; readonly secretName: string } & (
  | { readonly found: 'absent' }
  | { readonly found: 'incomplete'; readonly missingKeys: readonly string[] }
  | PresentFinding
);

export interface PresentFinding {
  readonly found: 'present';
  readonly revision: string;
  /** The same by the other key of the keyring: what status says if it was written under that one. */
  readonly formerRevision?: string | undefined;
}

export type AccountStep =
  | { readonly do: 'addFinalizer' }
  /** Say that the account is being looked at; only when nothing was ever said. */
  | { readonly do: 'announce' }
  | { readonly do: 'checkCredentials'; readonly tiers: readonly Tier[] }
  /** Stores the account with the credentials of these tiers. */
  | { readonly do: 'putAccount'; readonly origin: string; readonly tiers: readonly Tier[] }
  | { readonly do: 'deleteAccount' }
  | { readonly do: 'warnRecordAbandoned' }
  | { readonly do: 'removeFinalizer' };

export interface AccountDecision {
  readonly steps: readonly AccountStep[];
  readonly again: boolean;
  readonly status: AccountOutcome | undefined;
}

export interface AccountOutcome {
  readonly reason: AccountReason;
  readonly conditions: readonly ConditionState[];
  readonly credentials: readonly CredentialState[];
  readonly tiers: string | undefined;
}
