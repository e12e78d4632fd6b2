import type { CrispMcpServer } from '../../resources/crisp-mcp-server.ts';
import type { EffectiveServer } from '../../resources/effective-server.ts';
import { SERVER_FINALIZER } from '../../resources/names.ts';
import type { RouteRecord } from '../../routes/records.ts';
import type { TokenHash } from '../../routes/token.ts';
import { expiryText, hasExpired, isBornExpired } from './lifetime.ts';
import * as outcome from './outcome.ts';
import type { ServerDecision, ServerOutcome, ServerSituation, ServerStep } from './situation.ts';
import { endpointOf, isOwnSecret, type TokenSecretContent } from './token-secret.ts';

/**
 * What is to be done about one server. The order of the rules is the order of what wins: deletion, expiry, a spec that
 * cannot be read, suspension, a Secret or token that is not ours to use, then serving. The order of the steps is the
 * crash-safe one: going up finalizer, Secret, route, status; going down routes, Secret, finalizer. Any step may be the
 * last before a crash; deciding again from what is then found ends in the same place.
 */
export function decideServer(situation: ServerSituation): ServerDecision {
  const { server, spec, now } = situation;
  if (server.metadata.deletionTimestamp !== undefined) return decideDeletion(situation);
  if (spec.kind === 'invalid') {
    const said = situation.store.failed
      ? outcome.storeUnavailable(situation)
      : outcome.invalidSpec(situation, spec.message);
    return stop([{ do: 'deleteRoutes' }], said);
  }
  const { effective } = spec;
  const wakeAt = effective.expiresAt;
  if (hasExpired(server, effective, now)) return decideExpired(situation, effective);
  const decision = effective.suspend ? decideSuspended(situation, effective) : decideLive(situation, effective);
  return { ...decision, wakeAt };
}

function contentFor(situation: ServerSituation, effective: EffectiveServer): TokenSecretContent {
  return {
    endpoint: endpointOf(situation.publicUrl),
    configName: situation.server.metadata.name,
    asksApiToken: effective.requireApiTokenAuth,
    expiresAt: expiryText(effective),
  };
}

function decideDeletion(situation: ServerSituation): ServerDecision {
  const { server, store } = situation;
  if (!hasFinalizer(server)) return stop([{ do: 'deleteRoutes' }], undefined);
  const routeIsDead = !store.failed || store.routeOutlived;
  if (!routeIsDead && !store.abandonRoute) return stop([{ do: 'deleteRoutes' }], outcome.storeUnavailable(situation));
  const routeSteps: ServerStep[] = routeIsDead && !store.failed ? [{ do: 'deleteRoutes' }] : [];
  const warning: ServerStep[] = routeIsDead ? [] : [{ do: 'warnRouteAbandoned' }];
  return stop([...routeSteps, ...secretRemoval(situation), ...warning, { do: 'removeFinalizer' }], undefined);
}

function decideExpired(situation: ServerSituation, effective: EffectiveServer): ServerDecision {
  const { server, store } = situation;
  if (store.failed && !store.routeOutlived) return stop([{ do: 'deleteRoutes' }], outcome.storeUnavailable(situation));
  const steps: ServerStep[] = [...(store.failed ? [] : [{ do: 'deleteRoutes' } as const]), ...secretRemoval(situation)];
  const born = isBornExpired(server, effective);
  if (born || effective.expirationPolicy === 'Retain') return stop(steps, outcome.expired(situation, effective, born));
  return stop([...steps, { do: 'deleteServer' }], undefined);
}

function decideSuspended(situation: ServerSituation, effective: EffectiveServer): ServerDecision {
  if (situation.store.failed) return stop([{ do: 'deleteRoutes' }], outcome.storeUnavailable(situation));
  const refresh = situation.secret?.immutable ? [] : secretRefresh(situation, effective);
  // To label a Secret is to own it: whoever deletes this server must find that the Secret goes with it.
  const hold = refresh.length > 0 ? finalizerStep(situation.server) : [];
  return stop([...hold, { do: 'deleteRoutes' }, ...refresh], outcome.suspended(situation, effective));
}

function decideLive(situation: ServerSituation, effective: EffectiveServer): ServerDecision {
  const { server, secret, secretRival, tokenHolder, store } = situation;
  const withdraw = (said: ServerOutcome): ServerDecision =>
    stop([{ do: 'deleteRoutes' }], store.failed ? outcome.storeUnavailable(situation) : said);

  if (secret === undefined) {
    if (secretRival !== undefined) return withdraw(outcome.secretShared(situation, effective, secretRival));
    if (store.failed) return withdraw(outcome.storeUnavailable(situation));
    const create: ServerStep = {
      do: 'createTokenSecret',
      name: effective.secretName,
      content: contentFor(situation, effective),
    };
    return more([...finalizerStep(server), { do: 'deleteRoutes' }, create]);
  }
  if (!isOwnSecret(server, secret)) return withdraw(outcome.secretConflict(situation, secret));
  if (secret.label === undefined && secretRival !== undefined) {
    return withdraw(outcome.secretShared(situation, effective, secretRival));
  }
  if (secret.deleting) return withdraw(outcome.secretGoing(situation, secret));
  if (secret.token.kind !== 'valid') return withdraw(outcome.tokenInvalid(situation, secret));
  if (tokenHolder !== undefined) return withdraw(outcome.tokenConflict(situation, secret, tokenHolder));
  const { hash } = secret.token;
  const refresh = secretRefresh(situation, effective);
  if (refresh.length > 0 && secret.immutable) return withdraw(outcome.secretImmutable(situation, secret));
  const steps: ServerStep[] = [
    ...finalizerStep(server),
    ...refresh,
    { do: 'deleteRoutes', keep: hash },
    { do: 'putRoute', hash, record: routeRecord(situation, effective) },
  ];
  return stop(steps, store.failed ? outcome.storeUnavailable(situation) : outcome.published(situation, effective));
}

export function routeRecord(situation: ServerSituation, effective: EffectiveServer): RouteRecord {
  const { server, account } = situation;
  return {
    uid: server.metadata.uid ?? '',
    namespace: server.metadata.namespace ?? '',
    name: server.metadata.name,
    displayName: effective.displayName,
    exp: effective.expiresAt ?? null,
    filter: effective.filter,
    accountUid: account.kind === 'missing' ? null : account.uid,
    ...(effective.rateLimit === undefined ? {} : { rateLimit: effective.rateLimit }),
    auth: effective.requireApiTokenAuth ? 'api-token' : 'path',
    state: account.kind === 'usable' ? 'live' : 'unavailable',
  };
}

/** The route that should stand in the store right now; what a rebuild writes. */
export function desiredRoute(situation: ServerSituation): { hash: TokenHash; record: RouteRecord } | undefined {
  for (const step of decideServer(situation).steps) {
    if (step.do === 'putRoute') return { hash: step.hash, record: step.record };
  }
  return undefined;
}

function secretRefresh(situation: ServerSituation, effective: EffectiveServer): ServerStep[] {
  const { server, secret } = situation;
  if (secret === undefined || !isOwnSecret(server, secret) || secret.token.kind !== 'valid') return [];
  if (secret.deleting) return [];
  const content = contentFor(situation, effective);
  const { derived } = secret;
  const current =
    secret.label !== undefined &&
    derived.endpoint === content.endpoint &&
    derived.configName === content.configName &&
    (derived.asksApiToken ?? false) === content.asksApiToken &&
    derived.expiresAt === content.expiresAt;
  return current ? [] : [{ do: 'updateTokenSecret', secret, content }];
}

/**
 * Only a Secret that carries our label is deleted with its server: one that a user brought and that was never in use
 * stays the user's.
 */
function secretRemoval({ server, secret }: ServerSituation): ServerStep[] {
  const removable =
    secret !== undefined && secret.label !== undefined && isOwnSecret(server, secret) && !secret.deleting;
  return removable ? [{ do: 'deleteTokenSecret', secret }] : [];
}

function finalizerStep(server: CrispMcpServer): ServerStep[] {
  return hasFinalizer(server) ? [] : [{ do: 'addFinalizer' }];
}

function hasFinalizer(server: CrispMcpServer): boolean {
  return server.metadata.finalizers?.includes(SERVER_FINALIZER) ?? false;
}

function stop(steps: readonly ServerStep[], status: ServerOutcome | undefined): ServerDecision {
  return { steps, again: false, status, wakeAt: undefined };
}

function more(steps: readonly ServerStep[]): ServerDecision {
  return { steps, again: true, status: undefined, wakeAt: undefined };
}
