import type { ConditionState } from '../../resources/conditions.ts';
import type { ApiTokenReason, CrispApiToken, EffectiveApiToken } from '../../resources/crisp-api-token.ts';
import type { ApiTokenRecord } from '../../routes/records.ts';
import type { TokenHash } from '../../routes/token.ts';
import type { StoreSituation } from '../server/situation.ts';
import type { TokenSecretFacts } from '../server/token-secret.ts';

/**
 * The language in which an API token is decided upon: what a decision may look at, and what it may say. Plain data; the
 * token itself appears on neither side.
 */
export interface ApiTokenSituation {
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly apiToken: CrispApiToken;
  readonly spec: ApiTokenReading;
  /** The Secret under its `secretName`, whoever it belongs to. */
  readonly secret: TokenSecretFacts | undefined;
  /** Another CrispApiToken of the namespace that names the same Secret and has the older claim. */
  readonly secretRival: string | undefined;
  /** Another live CrispApiToken that holds the same token, as `namespace/name`. */
  readonly tokenHolder: string | undefined;
  readonly store: StoreSituation;
}

export type ApiTokenReading =
  | { readonly kind: 'valid'; readonly effective: EffectiveApiToken }
  | { readonly kind: 'invalid'; readonly message: string };

export type ApiTokenStep =
  | { readonly do: 'addFinalizer' }
  | { readonly do: 'createTokenSecret'; readonly name: string; readonly expiresAt: string }
  | { readonly do: 'updateTokenSecret'; readonly secret: TokenSecretFacts; readonly expiresAt: string }
  | { readonly do: 'deleteTokenSecret'; readonly secret: TokenSecretFacts }
  /** Removes its records from the store, all or all but `keep`. */
  | { readonly do: 'deleteRecords'; readonly keep?: TokenHash }
  | { readonly do: 'putRecord'; readonly hash: TokenHash; readonly record: ApiTokenRecord }
  /** Says, as an event, that the finalizer goes although the store did not confirm. */
  | { readonly do: 'warnRecordAbandoned' }
  | { readonly do: 'removeFinalizer' }
  /** Deletes the resource, if it still is what the decision was made from. */
  | { readonly do: 'deleteApiToken' };

export interface ApiTokenDecision {
  readonly steps: readonly ApiTokenStep[];
  /** Look again after the steps: there is more to do. */
  readonly again: boolean;
  /** `undefined` when the object is about to vanish, or nothing is to be said yet. */
  readonly status: ApiTokenOutcome | undefined;
  /** When to look again by itself, wall-clock milliseconds. */
  readonly wakeAt: number | undefined;
}

export interface ApiTokenOutcome {
  readonly reason: ApiTokenReason;
  readonly conditions: readonly ConditionState[];
  readonly secretName: string | undefined;
  readonly fingerprint: string | undefined;
  readonly expiresAt: string;
}
