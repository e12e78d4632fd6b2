import type { ConditionState } from '../../resources/conditions.ts';
import type { ServerReason } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveServer } from '../../resources/effective-server.ts';
import { SERVER_LABEL, TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { fingerprint } from '../../routes/token.ts';
import { expiryText } from './lifetime.ts';
import type { ServerOutcome, ServerSituation } from './situation.ts';
import { endpointOf, isOwnSecret, type TokenSecretFacts } from './token-secret.ts';

/**
 * What a server's status says in each state: one reason, its conditions, and a message for people that names the object
 * and the remedy. Pure. Expired and suspended servers carry no Ready condition (kstatus then counts them as current).
 */
export function published(situation: ServerSituation, effective: EffectiveServer): ServerOutcome {
  const { account, tools } = situation;
  const name = quoted(effective.accountName);
  switch (account.kind) {
    case 'missing':
      return notReady(
        situation,
        'AccountNotFound',
        `There is no CrispAccount ${name} in this namespace; create it. Until then the URL answers 503.`,
      );
    case 'unusable': {
      const message = `CrispAccount ${name} cannot be used yet: ${account.explanation} Until then the URL answers 503.`;
      return account.pending ? reconciling(situation, message) : notReady(situation, 'AccountNotReady', message);
    }
    case 'usable':
      return tools === undefined || tools.names.length === 0
        ? notReady(situation, 'NoToolsMatched', noToolsMessage(situation, effective))
        : serving(situation, effective, tools.names.length);
  }
}

function serving(situation: ServerSituation, effective: EffectiveServer, count: number): ServerOutcome {
  const until = effective.expiresAt === undefined ? '' : ` until ${expiryText(effective)}`;
  const what = count === 1 ? '1 tool' : `${count} tools`;
  const where = `The URL is in Secret ${quoted(effective.secretName)}, key "url".`;
  const second = effective.requireApiTokenAuth ? ' Clients must send an API token besides.' : '';
  return say(situation, 'Serving', [
    { type: 'Ready', status: 'True', reason: 'Serving', message: `Serving ${what}${until}. ${where}${second}` },
  ]);
}

function noToolsMessage({ account, tools }: ServerSituation, effective: EffectiveServer): string {
  const selected = tools?.selected ?? 0;
  const remedy = 'Until then the URL serves an empty list.';
  if (selected === 0) {
    return `No tool matches methods, tags and tools of this server; widen them ("crisp-mcp tools" lists what there is). ${remedy}`;
  }
  const tiers = account.kind === 'usable' ? account.tiers.join(', ') : '';
  return `The filter selects ${selected} tools, but none accepts a credential of the tiers that CrispAccount ${quoted(effective.accountName)} has (${tiers}); add a credential of another tier to it or widen the filter. ${remedy}`;
}

export function storeUnavailable(situation: ServerSituation): ServerOutcome {
  const consequence =
    situation.server.metadata.deletionTimestamp === undefined
      ? 'the last change of this server is not in effect yet'
      : 'this server is deleted as soon as its URL is known to be dead';
  return notReady(
    situation,
    'StoreUnavailable',
    `The route store (Redis) does not answer, so ${consequence}. It is tried again by itself; check the store and the operator's log.`,
  );
}

export function provisioning(situation: ServerSituation, refusal: string): ServerOutcome {
  const message = `The Kubernetes API refused a step (${refusal}); it is tried again by itself. If it stays, check quotas and the operator's permissions.`;
  return reconciling(situation, message);
}

export function secretGoing(situation: ServerSituation, secret: TokenSecretFacts): ServerOutcome {
  return reconciling(
    situation,
    `Secret ${quoted(secret.name)} is being deleted; when it is gone a new token is issued.`,
  );
}

export function invalidSpec(situation: ServerSituation, problem: string): ServerOutcome {
  return stalled(
    situation,
    'InvalidSpec',
    `The spec cannot be used: ${problem} Correct it; the URL is dead until then.`,
  );
}

export function secretConflict(situation: ServerSituation, secret: TokenSecretFacts): ServerOutcome {
  const name = quoted(secret.name);
  const whose =
    secret.type === TOKEN_SECRET_TYPE
      ? `Secret ${name} belongs to another CrispMcpServer (label ${SERVER_LABEL}: ${quoted(secret.label ?? '')})`
      : `Secret ${name} exists and is not of type ${TOKEN_SECRET_TYPE}`;
  return stalled(
    situation,
    'SecretConflict',
    `${whose}, so it is left alone. Delete or rename it, or create this server anew with another secretName.`,
  );
}

export function secretShared(situation: ServerSituation, effective: EffectiveServer, rival: string): ServerOutcome {
  return stalled(
    situation,
    'SecretConflict',
    `CrispMcpServer ${quoted(rival)} names Secret ${quoted(effective.secretName)} too and was there first. Create this server anew with another secretName.`,
  );
}

export function secretImmutable(situation: ServerSituation, secret: TokenSecretFacts): ServerOutcome {
  return stalled(
    situation,
    'SecretConflict',
    `Secret ${quoted(secret.name)} is immutable, so its URL cannot be brought up to date. Create it anew without "immutable"; a token in it may stay the same.`,
  );
}

export function tokenInvalid(situation: ServerSituation, secret: TokenSecretFacts): ServerOutcome {
  const problem =
    secret.token.kind === 'absent' ? 'has no token' : 'has a token that is not 43 to 128 characters of A-Z a-z 0-9 _ -';
  return stalled(
    situation,
    'TokenInvalid',
    `Secret ${quoted(secret.name)} ${problem} (key "token"). Put a valid one, or delete the Secret and a new token is issued.`,
  );
}

export function tokenConflict(situation: ServerSituation, secret: TokenSecretFacts, holder: string): ServerOutcome {
  return stalled(
    situation,
    'TokenConflict',
    `The token in Secret ${quoted(secret.name)} is in use by another server (${holder}), which keeps it. Delete the Secret and a new token is issued, or put another token.`,
  );
}

export function expired(situation: ServerSituation, effective: EffectiveServer, born: boolean): ServerOutcome {
  const at = expiryText(effective);
  const message = born
    ? `Created after its own expiresAt (${at}), as a re-applied manifest is, so it is kept and not served. Delete it, or set a later expiresAt to get a URL.`
    : `The URL died at ${at} and its token with it. Delete this resource, or set a later expiresAt to get a new URL.`;
  const reason = born ? 'BornExpired' : 'ExpiresAtPassed';
  return withoutToken(say(situation, reason, [{ type: 'Expired', status: 'True', reason, message }]));
}

export function suspended(situation: ServerSituation, effective: EffectiveServer): ServerOutcome {
  const message = `The URL answers 404 while spec.suspend is true; set it to false and the same URL works again (Secret ${quoted(effective.secretName)}).`;
  return say(situation, 'SuspendRequested', [
    { type: 'Suspended', status: 'True', reason: 'SuspendRequested', message },
  ]);
}

function reconciling(situation: ServerSituation, message: string): ServerOutcome {
  return say(situation, 'Provisioning', [
    { type: 'Ready', status: 'Unknown', reason: 'Provisioning', message },
    { type: 'Reconciling', status: 'True', reason: 'Provisioning', message },
  ]);
}

function notReady(situation: ServerSituation, reason: ServerReason, message: string): ServerOutcome {
  return say(situation, reason, [{ type: 'Ready', status: 'False', reason, message }]);
}

function stalled(situation: ServerSituation, reason: ServerReason, message: string): ServerOutcome {
  return withoutToken(
    say(situation, reason, [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Stalled', status: 'True', reason, message },
    ]),
  );
}

function withoutToken(said: ServerOutcome): ServerOutcome {
  return { ...said, secretName: undefined, fingerprint: undefined, endpoint: undefined };
}

function say(situation: ServerSituation, reason: ServerReason, conditions: readonly ConditionState[]): ServerOutcome {
  const { server, spec, secret, tools } = situation;
  const token =
    secret !== undefined && isOwnSecret(server, secret) && secret.token.kind === 'valid' ? secret.token : undefined;
  return {
    reason,
    conditions,
    tools: tools === undefined ? undefined : { count: tools.names.length, names: tools.names },
    secretName: token === undefined ? undefined : secret?.name,
    fingerprint: token === undefined ? undefined : fingerprint(token.hash),
    endpoint: token === undefined ? undefined : endpointOf(situation.publicUrl),
    expiresAt: spec.kind === 'valid' ? expiryText(spec.effective) : (server.status?.expiresAt ?? 'never'),
  };
}

function quoted(name: string): string {
  return `"${name}"`;
}
