import type { ConditionState } from '../../resources/conditions.ts';
import { fingerprint } from '../../routes/token.ts';
import { expiryText } from './lifetime.ts';
import type { OwnerKind, OwnerWords } from './owner-kind.ts';
import type { CommonReason, EffectiveOwner, Outcome, OwnerTypes, Situation, TokenOwner } from './situation.ts';
import { isOwnSecret, type TokenSecretFacts } from './token-secret.ts';

/**
 * What a token owner's status says in each state: one reason, its conditions, and a message for people that names the
 * object and the remedy. Pure. Expired and suspended owners carry no Ready condition (kstatus then counts them as
 * current).
 */
export interface Saying<Reason = never> {
  readonly reason: CommonReason | Reason;
  readonly conditions: readonly ConditionState[];
  /** The status names no token, whatever stands in the Secret. */
  readonly withoutToken?: boolean;
}

export function say<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  { reason, conditions, withoutToken = false }: Saying<T['reason']>,
): Outcome<T> {
  const { owner, spec, secret } = situation;
  const own = !withoutToken && secret !== undefined && isOwnSecret(kind.secret, owner, secret);
  const token = own && secret.token.kind === 'valid' ? secret.token : undefined;
  return {
    reason,
    conditions,
    secretName: token === undefined ? undefined : secret?.name,
    fingerprint: token === undefined ? undefined : fingerprint(token.hash),
    expiresAt: spec.kind === 'valid' ? expiryText(spec.effective) : (owner.status?.expiresAt ?? 'never'),
    ...kind.alsoSays(situation, token !== undefined),
  };
}

export function storeUnavailable({ it, itsKey }: OwnerWords, owner: TokenOwner): Saying {
  const consequence =
    owner.metadata.deletionTimestamp === undefined
      ? `the last change of ${it} is not in effect yet`
      : `${it} is deleted as soon as ${itsKey} is known to be dead`;
  return notReady<never>(
    'StoreUnavailable',
    `The route store (Redis) does not answer, so ${consequence}. It is tried again by itself; check the store and the operator's log.`,
  );
}

export function provisioning(refusal: string): Saying {
  return reconciling(
    `The Kubernetes API refused a step (${refusal}); it is tried again by itself. If it stays, check quotas and the operator's permissions.`,
  );
}

export function secretGoing(secret: TokenSecretFacts): Saying {
  return reconciling(`Secret ${quoted(secret.name)} is being deleted; when it is gone a new token is issued.`);
}

export function invalidSpec({ refused }: OwnerWords, problem: string): Saying {
  return stalled('InvalidSpec', `The spec cannot be used: ${problem} Correct it; ${refused} until then.`);
}

export function secretConflict<T extends OwnerTypes>(kind: OwnerKind<T>, secret: TokenSecretFacts): Saying {
  const name = quoted(secret.name);
  const { type, label } = kind.secret;
  const whose =
    secret.type === type
      ? `Secret ${name} belongs to another ${kind.type.kind} (label ${label}: ${quoted(secret.label ?? '')})`
      : `Secret ${name} exists and is not of type ${type}`;
  return stalled(
    'SecretConflict',
    `${whose}, so it is left alone. Delete or rename it, or create ${kind.words.it} anew with another secretName.`,
  );
}

export function secretShared<T extends OwnerTypes>(
  { type, words }: OwnerKind<T>,
  { secretName }: EffectiveOwner,
  rival: string,
): Saying {
  return stalled(
    'SecretConflict',
    `${type.kind} ${quoted(rival)} names Secret ${quoted(secretName)} too and was there first. Create ${words.it} anew with another secretName.`,
  );
}

export function secretImmutable(secret: TokenSecretFacts): Saying {
  return stalled(
    'SecretConflict',
    `Secret ${quoted(secret.name)} is immutable, so what is in it beside the token cannot be brought up to date. Create it anew without "immutable"; a token in it may stay the same.`,
  );
}

export function tokenInvalid(secret: TokenSecretFacts): Saying {
  const problem =
    secret.token.kind === 'absent' ? 'has no token' : 'has a token that is not 43 to 128 characters of A-Z a-z 0-9 _ -';
  return stalled(
    'TokenInvalid',
    `Secret ${quoted(secret.name)} ${problem} (key "token"). Put a valid one, or delete the Secret and a new token is issued.`,
  );
}

export function tokenConflict<T extends OwnerTypes>(
  { type }: OwnerKind<T>,
  secret: TokenSecretFacts,
  holder: string,
): Saying {
  return stalled(
    'TokenConflict',
    `The token in Secret ${quoted(secret.name)} is in use by another ${type.kind} (${holder}), which keeps it. Delete the Secret and a new token is issued, or put another token.`,
  );
}

export function expired({ key, honoured }: OwnerWords, effective: EffectiveOwner, born: boolean): Saying {
  const at = expiryText(effective);
  const message = born
    ? `Created after its own expiresAt (${at}), as a re-applied manifest is, so it is kept and not ${honoured}. Delete it, or set a later expiresAt to get a ${key}.`
    : `The ${key} died at ${at}. Delete this resource, or set a later expiresAt to get a new ${key}.`;
  const reason = born ? 'BornExpired' : 'ExpiresAtPassed';
  return { reason, conditions: [{ type: 'Expired', status: 'True', reason, message }], withoutToken: true };
}

export function reconciling(message: string): Saying {
  const reason = 'Provisioning';
  return {
    reason,
    conditions: [
      { type: 'Ready', status: 'Unknown', reason, message },
      { type: 'Reconciling', status: 'True', reason, message },
    ],
  };
}

export function notReady<Reason extends string>(reason: Reason | CommonReason, message: string): Saying<Reason> {
  return { reason, conditions: [{ type: 'Ready', status: 'False', reason, message }] };
}

export function ready<Reason extends string>(reason: Reason, message: string): Saying<Reason> {
  return { reason, conditions: [{ type: 'Ready', status: 'True', reason, message }] };
}

function stalled(reason: CommonReason, message: string): Saying {
  return {
    reason,
    conditions: [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Stalled', status: 'True', reason, message },
    ],
    withoutToken: true,
  };
}

export function quoted(name: string): string {
  return `"${name}"`;
}
