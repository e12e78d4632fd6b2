import type { TokenEntry } from '../../routes/store.ts';
import { expiryText, hasExpired, isBornExpired } from './lifetime.ts';
import * as outcome from './outcome.ts';
import type { OwnerKind } from './owner-kind.ts';
import type { Decision, OwnerStep, OwnerTypes, Situation, Step } from './situation.ts';
import { isCurrent, isOwnSecret, type TokenSecretContent } from './token-secret.ts';

/**
 * What is to be done about one token owner. The order of the rules is the order of what wins: deletion, expiry, a spec
 * that cannot be read, suspension, a Secret or token that is not ours to use, then serving. The order of the steps is the
 * crash-safe one: going up finalizer, Secret, record, status; going down records, Secret, finalizer. Any step may be the
 * last before a crash; deciding again from what is then found ends in the same place.
 */
export function decide<T extends OwnerTypes>(kind: OwnerKind<T>, situation: Situation<T>): Decision<T> {
  const { owner, spec, now } = situation;
  if (owner.metadata.deletionTimestamp !== undefined) return decideDeletion(kind, situation);
  if (spec.kind === 'invalid') return withdraw(kind, situation, outcome.invalidSpec(kind.words, spec.message));
  const { effective } = spec;
  if (hasExpired(owner, effective, now)) return decideExpired(kind, situation, effective);
  const dormant = kind.dormant(effective);
  const decision =
    dormant === undefined ? decideLive(kind, situation, effective) : decideDormant(kind, situation, effective, dormant);
  return { ...decision, wakeAt: effective.expiresAt };
}

/** The record that should stand in the store right now; what a rebuild writes. */
export function desiredRecord<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
): TokenEntry<T['record']> | undefined {
  for (const step of decide(kind, situation).steps) {
    if (step.do === 'putRecord') return { hash: step.hash, record: step.record };
  }
  return undefined;
}

function decideDeletion<T extends OwnerTypes>(kind: OwnerKind<T>, situation: Situation<T>): Decision<T> {
  const { owner, store } = situation;
  if (!hasFinalizer(kind, owner)) return stop([{ do: 'deleteRecords' }], undefined);
  const recordIsDead = !store.failed || store.recordOutlived;
  if (!recordIsDead && !store.abandonRecord) return awaitStore(kind, situation);
  const recordSteps: Step<T>[] = recordIsDead && !store.failed ? [{ do: 'deleteRecords' }] : [];
  const warning: Step<T>[] = recordIsDead ? [] : [{ do: 'warnRecordAbandoned' }];
  const removal = secretRemoval(kind, situation);
  return stop([...recordSteps, ...removal, ...warning, { do: 'removeFinalizer' }], undefined);
}

function decideExpired<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  effective: T['effective'],
): Decision<T> {
  const { owner, store } = situation;
  if (store.failed && !store.recordOutlived) return awaitStore(kind, situation);
  const recordSteps: Step<T>[] = store.failed ? [] : [{ do: 'deleteRecords' }];
  const steps = [...recordSteps, ...secretRemoval(kind, situation)];
  const born = isBornExpired(owner, effective);
  if (born || effective.expirationPolicy === 'Retain') {
    return stop(steps, outcome.say(kind, situation, outcome.expired(kind.words, effective, born)));
  }
  return stop([...steps, { do: 'deleteOwner' }], undefined);
}

function decideDormant<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  effective: T['effective'],
  said: outcome.Saying<T['reason']>,
): Decision<T> {
  if (situation.store.failed) return awaitStore(kind, situation);
  const refresh = situation.secret?.immutable ? [] : secretRefresh(kind, situation, effective);
  // To label a Secret is to own it: whoever deletes this owner must find that the Secret goes with it.
  const hold: Step<T>[] = refresh.length > 0 ? finalizerStep(kind, situation.owner) : [];
  return stop([...hold, { do: 'deleteRecords' }, ...refresh], outcome.say(kind, situation, said));
}

function decideLive<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  effective: T['effective'],
): Decision<T> {
  const { owner, secret, secretRival, tokenHolder, store } = situation;
  if (secret === undefined) {
    if (secretRival !== undefined) return withdraw(kind, situation, outcome.secretShared(kind, effective, secretRival));
    if (store.failed) return awaitStore(kind, situation);
    const content = contentFor(kind, situation, effective);
    const create: Step<T> = { do: 'createTokenSecret', name: effective.secretName, content };
    return more([...finalizerStep(kind, owner), { do: 'deleteRecords' }, create]);
  }
  if (!isOwnSecret(kind.secret, owner, secret)) return withdraw(kind, situation, outcome.secretConflict(kind, secret));
  if (secret.label === undefined && secretRival !== undefined) {
    return withdraw(kind, situation, outcome.secretShared(kind, effective, secretRival));
  }
  if (secret.deleting) return withdraw(kind, situation, outcome.secretGoing(secret));
  if (secret.token.kind !== 'valid') return withdraw(kind, situation, outcome.tokenInvalid(secret));
  if (tokenHolder !== undefined) return withdraw(kind, situation, outcome.tokenConflict(kind, secret, tokenHolder));
  const { hash } = secret.token;
  const refresh = secretRefresh(kind, situation, effective);
  if (refresh.length > 0 && secret.immutable) return withdraw(kind, situation, outcome.secretImmutable(secret));
  const steps: Step<T>[] = [
    ...finalizerStep(kind, owner),
    ...refresh,
    { do: 'deleteRecords', keep: hash },
    { do: 'putRecord', hash, record: kind.recordOf(situation, effective) },
  ];
  const said = store.failed ? outcome.storeUnavailable(kind.words, owner) : kind.live(situation, effective);
  return stop(steps, outcome.say(kind, situation, said));
}

/** Its token leads nowhere, and the status says why. */
function withdraw<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  said: outcome.Saying<T['reason']>,
): Decision<T> {
  if (situation.store.failed) return awaitStore(kind, situation);
  return stop([{ do: 'deleteRecords' }], outcome.say(kind, situation, said));
}

function awaitStore<T extends OwnerTypes>(kind: OwnerKind<T>, situation: Situation<T>): Decision<T> {
  const said = outcome.storeUnavailable(kind.words, situation.owner);
  return stop([{ do: 'deleteRecords' }], outcome.say(kind, situation, said));
}

function contentFor<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  effective: T['effective'],
): TokenSecretContent {
  return { ...kind.contentOf(situation, effective), expiresAt: expiryText(effective) };
}

function secretRefresh<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  situation: Situation<T>,
  effective: T['effective'],
): OwnerStep<never>[] {
  const { owner, secret } = situation;
  if (secret === undefined || !isOwnSecret(kind.secret, owner, secret) || secret.token.kind !== 'valid') return [];
  if (secret.deleting) return [];
  const content = contentFor(kind, situation, effective);
  return isCurrent(secret, content) ? [] : [{ do: 'updateTokenSecret', secret, content }];
}

/**
 * Only a Secret that carries our label is deleted with its owner: one that a user brought and that was never in use
 * stays the user's.
 */
function secretRemoval<T extends OwnerTypes>(kind: OwnerKind<T>, { owner, secret }: Situation<T>): OwnerStep<never>[] {
  const removable =
    secret !== undefined && secret.label !== undefined && isOwnSecret(kind.secret, owner, secret) && !secret.deleting;
  return removable ? [{ do: 'deleteTokenSecret', secret }] : [];
}

function finalizerStep<T extends OwnerTypes>(kind: OwnerKind<T>, owner: T['owner']): OwnerStep<never>[] {
  return hasFinalizer(kind, owner) ? [] : [{ do: 'addFinalizer' }];
}

function hasFinalizer<T extends OwnerTypes>({ finalizer }: OwnerKind<T>, owner: T['owner']): boolean {
  return owner.metadata.finalizers?.includes(finalizer) ?? false;
}

function stop<T extends OwnerTypes>(steps: readonly Step<T>[], status: Decision<T>['status']): Decision<T> {
  return { steps, again: false, status, wakeAt: undefined };
}

function more<T extends OwnerTypes>(steps: readonly Step<T>[]): Decision<T> {
  return { steps, again: true, status: undefined, wakeAt: undefined };
}
