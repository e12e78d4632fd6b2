import type { ConditionState } from '../../resources/conditions.ts';
import { type ApiTokenReason, type EffectiveApiToken, EVERY_SERVER } from '../../resources/crisp-api-token.ts';
import { API_TOKEN_LABEL, API_TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { fingerprint } from '../../routes/token.ts';
import { expiryText } from '../server/lifetime.ts';
import type { TokenSecretFacts } from '../server/token-secret.ts';
import type { ApiTokenOutcome, ApiTokenSituation } from './situation.ts';
import { isOwnApiTokenSecret } from './token-secret.ts';

/** What an API token's status says in each state: one reason, its conditions, a message that names object and remedy. Pure. */
export function issued(situation: ApiTokenSituation, effective: EffectiveApiToken): ApiTokenOutcome {
  const { scopes, servers } = effective;
  const until = effective.expiresAt === undefined ? '' : ` until ${expiryText(effective)}`;
  const everywhere = servers.includes(EVERY_SERVER);
  const count = servers.length === 1 ? '1 server' : `${servers.length} servers`;
  const reach = everywhere ? ' to every server of the namespace' : ` to ${count}`;
  const what = scopes.map((scope) => (scope === 'connect' ? `${scope}${reach}` : scope)).join(', ');
  const message = `Accepted for: ${what}${until}. The token is in Secret ${quoted(effective.secretName)}, key "token".`;
  return say(situation, 'Issued', [{ type: 'Ready', status: 'True', reason: 'Issued', message }]);
}

export function storeUnavailable(situation: ApiTokenSituation): ApiTokenOutcome {
  const consequence =
    situation.apiToken.metadata.deletionTimestamp === undefined
      ? 'the last change of this API token is not in effect yet'
      : 'this API token is deleted as soon as it is known to be dead';
  const message = `The route store (Redis) does not answer, so ${consequence}. It is tried again by itself; check the store and the operator's log.`;
  return say(situation, 'StoreUnavailable', [{ type: 'Ready', status: 'False', reason: 'StoreUnavailable', message }]);
}

export function provisioning(situation: ApiTokenSituation, refusal: string): ApiTokenOutcome {
  return reconciling(
    situation,
    `The Kubernetes API refused a step (${refusal}); it is tried again by itself. If it stays, check quotas and the operator's permissions.`,
  );
}

export function secretGoing(situation: ApiTokenSituation, secret: TokenSecretFacts): ApiTokenOutcome {
  return reconciling(
    situation,
    `Secret ${quoted(secret.name)} is being deleted; when it is gone a new token is issued.`,
  );
}

export function invalidSpec(situation: ApiTokenSituation, problem: string): ApiTokenOutcome {
  const message = `The spec cannot be used: ${problem} Correct it; the token is refused until then.`;
  return stalled(situation, 'InvalidSpec', message);
}

export function secretConflict(situation: ApiTokenSituation, secret: TokenSecretFacts): ApiTokenOutcome {
  const name = quoted(secret.name);
  const whose =
    secret.type === API_TOKEN_SECRET_TYPE
      ? `Secret ${name} belongs to another CrispApiToken (label ${API_TOKEN_LABEL}: ${quoted(secret.label ?? '')})`
      : `Secret ${name} exists and is not of type ${API_TOKEN_SECRET_TYPE}`;
  return stalled(
    situation,
    'SecretConflict',
    `${whose}, so it is left alone. Delete or rename it, or create this API token anew with another secretName.`,
  );
}

export function secretShared(
  situation: ApiTokenSituation,
  effective: EffectiveApiToken,
  rival: string,
): ApiTokenOutcome {
  return stalled(
    situation,
    'SecretConflict',
    `CrispApiToken ${quoted(rival)} names Secret ${quoted(effective.secretName)} too and was there first. Create this one anew with another secretName.`,
  );
}

export function secretImmutable(situation: ApiTokenSituation, secret: TokenSecretFacts): ApiTokenOutcome {
  return stalled(
    situation,
    'SecretConflict',
    `Secret ${quoted(secret.name)} is immutable, so it cannot be brought up to date. Create it anew without "immutable"; a token in it may stay the same.`,
  );
}

export function tokenInvalid(situation: ApiTokenSituation, secret: TokenSecretFacts): ApiTokenOutcome {
  const problem =
    secret.token.kind === 'absent' ? 'has no token' : 'has a token that is not 43 to 128 characters of A-Z a-z 0-9 _ -';
  return stalled(
    situation,
    'TokenInvalid',
    `Secret ${quoted(secret.name)} ${problem} (key "token"). Put a valid one, or delete the Secret and a new token is issued.`,
  );
}

export function tokenConflict(situation: ApiTokenSituation, secret: TokenSecretFacts, holder: string): ApiTokenOutcome {
  return stalled(
    situation,
    'TokenConflict',
    `The token in Secret ${quoted(secret.name)} is in use by another CrispApiToken (${holder}), which keeps it. Delete the Secret and a new token is issued, or put another token.`,
  );
}

export function expired(situation: ApiTokenSituation, effective: EffectiveApiToken, born: boolean): ApiTokenOutcome {
  const at = expiryText(effective);
  const message = born
    ? `Created after its own expiresAt (${at}), as a re-applied manifest is, so it is kept and not accepted. Delete it, or set a later expiresAt to get a token.`
    : `The token died at ${at}. Delete this resource, or set a later expiresAt to get a new token.`;
  const reason = born ? 'BornExpired' : 'ExpiresAtPassed';
  return withoutToken(say(situation, reason, [{ type: 'Expired', status: 'True', reason, message }]));
}

function reconciling(situation: ApiTokenSituation, message: string): ApiTokenOutcome {
  return say(situation, 'Provisioning', [
    { type: 'Ready', status: 'Unknown', reason: 'Provisioning', message },
    { type: 'Reconciling', status: 'True', reason: 'Provisioning', message },
  ]);
}

function stalled(situation: ApiTokenSituation, reason: ApiTokenReason, message: string): ApiTokenOutcome {
  return withoutToken(
    say(situation, reason, [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Stalled', status: 'True', reason, message },
    ]),
  );
}

function withoutToken(said: ApiTokenOutcome): ApiTokenOutcome {
  return { ...said, secretName: undefined, fingerprint: undefined };
}

function say(
  situation: ApiTokenSituation,
  reason: ApiTokenReason,
  conditions: readonly ConditionState[],
): ApiTokenOutcome {
  const { apiToken, spec, secret } = situation;
  const token =
    secret !== undefined && isOwnApiTokenSecret(apiToken, secret) && secret.token.kind === 'valid'
      ? secret.token
      : undefined;
  return {
    reason,
    conditions,
    secretName: token === undefined ? undefined : secret?.name,
    fingerprint: token === undefined ? undefined : fingerprint(token.hash),
    expiresAt: spec.kind === 'valid' ? expiryText(spec.effective) : (apiToken.status?.expiresAt ?? 'never'),
  };
}

function quoted(name: string): string {
  return `"${name}"`;
}
