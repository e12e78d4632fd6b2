import type { CrispApiToken, EffectiveApiToken } from '../../resources/crisp-api-token.ts';
import { API_TOKEN_FINALIZER } from '../../resources/names.ts';
import type { ApiTokenRecord } from '../../routes/records.ts';
import type { TokenHash } from '../../routes/token.ts';
import { expiryText, hasExpired, isBornExpired } from '../server/lifetime.ts';
import * as outcome from './outcome.ts';
import type { ApiTokenDecision, ApiTokenOutcome, ApiTokenSituation, ApiTokenStep } from './situation.ts';
import { isOwnApiTokenSecret } from './token-secret.ts';

/**
 * What is to be done about one API token: the rules and the order of steps of a server (see `server/decide.ts`), without
 * account and tools. Going up finalizer, Secret, record, status; going down records, Secret, finalizer. Any step may be
 * the last before a crash; deciding again from what is then found ends in the same place.
 */
export function decideApiToken(situation: ApiTokenSituation): ApiTokenDecision {
  const { apiToken, spec, now, store } = situation;
  if (apiToken.metadata.deletionTimestamp !== undefined) return decideDeletion(situation);
  if (spec.kind === 'invalid') {
    const said = store.failed ? outcome.storeUnavailable(situation) : outcome.invalidSpec(situation, spec.message);
    return stop([{ do: 'deleteRecords' }], said);
  }
  const { effective } = spec;
  if (hasExpired(apiToken, effective, now)) return decideExpired(situation, effective);
  return { ...decideLive(situation, effective), wakeAt: effective.expiresAt };
}

function decideDeletion(situation: ApiTokenSituation): ApiTokenDecision {
  const { apiToken, store } = situation;
  if (!hasFinalizer(apiToken)) return stop([{ do: 'deleteRecords' }], undefined);
  const isDead = !store.failed || store.routeOutlived;
  if (!isDead && !store.abandonRoute) return stop([{ do: 'deleteRecords' }], outcome.storeUnavailable(situation));
  const recordSteps: ApiTokenStep[] = isDead && !store.failed ? [{ do: 'deleteRecords' }] : [];
  const warning: ApiTokenStep[] = isDead ? [] : [{ do: 'warnRecordAbandoned' }];
  return stop([...recordSteps, ...secretRemoval(situation), ...warning, { do: 'removeFinalizer' }], undefined);
}

function decideExpired(situation: ApiTokenSituation, effective: EffectiveApiToken): ApiTokenDecision {
  const { apiToken, store } = situation;
  if (store.failed && !store.routeOutlived) return stop([{ do: 'deleteRecords' }], outcome.storeUnavailable(situation));
  const steps: ApiTokenStep[] = [
    ...(store.failed ? [] : [{ do: 'deleteRecords' } as const]),
    ...secretRemoval(situation),
  ];
  const born = isBornExpired(apiToken, effective);
  if (born || effective.expirationPolicy === 'Retain') return stop(steps, outcome.expired(situation, effective, born));
  return stop([...steps, { do: 'deleteApiToken' }], undefined);
}

function decideLive(situation: ApiTokenSituation, effective: EffectiveApiToken): ApiTokenDecision {
  const { apiToken, secret, secretRival, tokenHolder, store } = situation;
  const withdraw = (said: ApiTokenOutcome): ApiTokenDecision =>
    stop([{ do: 'deleteRecords' }], store.failed ? outcome.storeUnavailable(situation) : said);

  if (secret === undefined) {
    if (secretRival !== undefined) return withdraw(outcome.secretShared(situation, effective, secretRival));
    if (store.failed) return withdraw(outcome.storeUnavailable(situation));
    const create: ApiTokenStep = {
      do: 'createTokenSecret',
      name: effective.secretName,
      expiresAt: expiryText(effective),
    };
    return more([...finalizerStep(apiToken), { do: 'deleteRecords' }, create]);
  }
  if (!isOwnApiTokenSecret(apiToken, secret)) return withdraw(outcome.secretConflict(situation, secret));
  if (secret.label === undefined && secretRival !== undefined) {
    return withdraw(outcome.secretShared(situation, effective, secretRival));
  }
  if (secret.deleting) return withdraw(outcome.secretGoing(situation, secret));
  if (secret.token.kind !== 'valid') return withdraw(outcome.tokenInvalid(situation, secret));
  if (tokenHolder !== undefined) return withdraw(outcome.tokenConflict(situation, secret, tokenHolder));
  const { hash } = secret.token;
  const current = secret.label !== undefined && secret.derived.expiresAt === expiryText(effective);
  if (!current && secret.immutable) return withdraw(outcome.secretImmutable(situation, secret));
  const refresh: ApiTokenStep[] = current
    ? []
    : [{ do: 'updateTokenSecret', secret, expiresAt: expiryText(effective) }];
  const steps: ApiTokenStep[] = [
    ...finalizerStep(apiToken),
    ...refresh,
    { do: 'deleteRecords', keep: hash },
    { do: 'putRecord', hash, record: apiTokenRecord(apiToken, effective) },
  ];
  return stop(steps, store.failed ? outcome.storeUnavailable(situation) : outcome.issued(situation, effective));
}

export function apiTokenRecord({ metadata }: CrispApiToken, effective: EffectiveApiToken): ApiTokenRecord {
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    exp: effective.expiresAt ?? null,
    scopes: effective.scopes,
    servers: effective.servers,
  };
}

/** The record that should stand in the store right now; what a rebuild writes. */
export function desiredApiToken(situation: ApiTokenSituation): { hash: TokenHash; record: ApiTokenRecord } | undefined {
  for (const step of decideApiToken(situation).steps) {
    if (step.do === 'putRecord') return { hash: step.hash, record: step.record };
  }
  return undefined;
}

/** Only a Secret that carries our label is deleted: one that a user brought and that was never in use stays the user's. */
function secretRemoval({ apiToken, secret }: ApiTokenSituation): ApiTokenStep[] {
  const removable =
    secret !== undefined && secret.label !== undefined && isOwnApiTokenSecret(apiToken, secret) && !secret.deleting;
  return removable ? [{ do: 'deleteTokenSecret', secret }] : [];
}

function finalizerStep(apiToken: CrispApiToken): ApiTokenStep[] {
  return hasFinalizer(apiToken) ? [] : [{ do: 'addFinalizer' }];
}

function hasFinalizer(apiToken: CrispApiToken): boolean {
  return apiToken.metadata.finalizers?.includes(API_TOKEN_FINALIZER) ?? false;
}

function stop(steps: readonly ApiTokenStep[], status: ApiTokenOutcome | undefined): ApiTokenDecision {
  return { steps, again: false, status, wakeAt: undefined };
}

function more(steps: readonly ApiTokenStep[]): ApiTokenDecision {
  return { steps, again: true, status: undefined, wakeAt: undefined };
}
