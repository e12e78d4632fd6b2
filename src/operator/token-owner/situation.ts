import type { Condition, ConditionState } from '../../resources/conditions.ts';
import type { KubernetesObject } from '../../resources/object.ts';
import type { TokenRecord } from '../../routes/store.ts';
import type { TokenHash } from '../../routes/token.ts';
import type { TokenSecretContent, TokenSecretFacts } from './token-secret.ts';

/**
 * A token owner is a resource that has a token in a Secret of its own, and a record in the route store that the token
 * leads to: a CrispMcpServer or a CrispApiToken. This is the language in which one is decided upon: everything a decision
 * may look at (the situation), and everything it may say (steps in order, then a status). Plain data; neither side holds
 * a token or a key.
 */
export interface TokenOwner extends KubernetesObject {
  spec: { secretName?: string | undefined };
  status?: {
    reason?: string | undefined;
    fingerprint?: string | undefined;
    conditions?: Condition[] | undefined;
    expiresAt?: string | undefined;
  };
}

/** A spec with its defaults filled in. */
export interface EffectiveOwner {
  /** Milliseconds since the Unix epoch; `undefined` when it never expires. */
  readonly expiresAt: number | undefined;
  readonly expirationPolicy: 'Delete' | 'Retain';
  readonly secretName: string;
}

/** What is of another type from one kind of owner to the other. */
export interface OwnerTypes {
  readonly owner: TokenOwner;
  readonly effective: EffectiveOwner;
  /** What decisions about this kind look at besides. */
  readonly facts: object;
  readonly record: TokenRecord;
  /** Reasons that only this kind has. */
  readonly reason: string;
  /** What its status says besides. */
  readonly said: object;
}

export interface OwnerSituation<T extends OwnerTypes> {
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly owner: T['owner'];
  readonly spec: SpecReading<T['effective']>;
  /** The Secret under the owner's `secretName`, whoever it belongs to. */
  readonly secret: TokenSecretFacts | undefined;
  /** Another owner of the kind and namespace that names the same Secret and has the older claim. */
  readonly secretRival: string | undefined;
  /** Another live owner of the kind that holds the same token, as `namespace/name`. */
  readonly tokenHolder: string | undefined;
  readonly store: StoreSituation;
}

export type Situation<T extends OwnerTypes> = OwnerSituation<T> & T['facts'];

export type SpecReading<E> =
  | { readonly kind: 'valid'; readonly effective: E }
  | { readonly kind: 'invalid'; readonly message: string };

export interface StoreSituation {
  /** The step that needed the store just failed, or is known to fail. */
  readonly failed: boolean;
  /** The stored record, if any, has passed its `exp`: it is dead whether or not the store confirms. */
  readonly recordOutlived: boolean;
  /** The namespace goes away and the store has been failing for longer than deletion may wait. */
  readonly abandonRecord: boolean;
}

export type OwnerStep<R> =
  | { readonly do: 'addFinalizer' }
  | { readonly do: 'createTokenSecret'; readonly name: string; readonly content: TokenSecretContent }
  | { readonly do: 'updateTokenSecret'; readonly secret: TokenSecretFacts; readonly content: TokenSecretContent }
  | { readonly do: 'deleteTokenSecret'; readonly secret: TokenSecretFacts }
  /** Removes the owner's records from the store, all or all but `keep`. */
  | { readonly do: 'deleteRecords'; readonly keep?: TokenHash }
  | { readonly do: 'putRecord'; readonly hash: TokenHash; readonly record: R }
  /** Says, as an event, that the finalizer goes although the store did not confirm. */
  | { readonly do: 'warnRecordAbandoned' }
  | { readonly do: 'removeFinalizer' }
  /** Deletes the resource, if it still is what the decision was made from. */
  | { readonly do: 'deleteOwner' };

export type Step<T extends OwnerTypes> = OwnerStep<T['record']>;

export interface Decision<T extends OwnerTypes> {
  readonly steps: readonly Step<T>[];
  /** Look again after the steps: there is more to do. */
  readonly again: boolean;
  /** `undefined` when the object is about to vanish, or nothing is to be said yet. */
  readonly status: Outcome<T> | undefined;
  /** When to look again by itself, wall-clock milliseconds. */
  readonly wakeAt: number | undefined;
}

/** Reasons that every kind of owner has. */
export type CommonReason =
  | 'Provisioning'
  | 'StoreUnavailable'
  | 'SecretConflict'
  | 'TokenInvalid'
  | 'TokenConflict'
  | 'InvalidSpec'
  | 'ExpiresAtPassed'
  | 'BornExpired';

/** What the status should say; times and generations are filled in when it is written. */
export interface OwnerOutcome<Reason> {
  readonly reason: Reason;
  readonly conditions: readonly ConditionState[];
  readonly secretName: string | undefined;
  readonly fingerprint: string | undefined;
  readonly expiresAt: string;
}

export type Outcome<T extends OwnerTypes> = OwnerOutcome<CommonReason | T['reason']> & T['said'];
