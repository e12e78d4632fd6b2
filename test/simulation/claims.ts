import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../../src/kubernetes/core-types.ts';
import { hashToken, isToken, type TokenHash } from '../../src/routes/token.ts';
import { decode } from './resources.ts';
import { type BearerKind, secretNameOf, type TokenBearer } from './token-bearers.ts';

/**
 * Which token each server or API token has, or why it has none: a part of the model, worked out from the resources alone.
 * Where history decides (who holds a token that two of a kind want), it is told who does.
 */
export interface ClaimsOptions<O extends TokenBearer> {
  kind: BearerKind<O>;
  objects: readonly O[];
  secrets: readonly Secret[];
  now: number;
  /** The uid of the resource that the store gives a token of this kind to. */
  holderOf: (hash: TokenHash) => string | undefined;
}

export type Claim = { readonly hash: TokenHash } | NoToken;

export type NoToken =
  | 'gone'
  | 'BornExpired'
  | 'ExpiresAtPassed'
  | 'SuspendRequested'
  | 'SecretConflict'
  | 'TokenInvalid'
  | 'TokenConflict'
  | 'NoSecret';

export function claimsOf<O extends TokenBearer>(options: ClaimsOptions<O>): Map<O, Claim> {
  const wanted = new Map(options.objects.map((object) => [object, claimOf(object, options)]));
  const settled = [...wanted].map(([object, claim]): [O, Claim] => {
    if (typeof claim === 'string') return [object, claim];
    const rivals = [...wanted.values()].filter((other) => isDeepStrictEqual(other, claim));
    const holder = rivals.length > 1 ? options.holderOf(claim.hash) : object.metadata.uid;
    return [object, holder === object.metadata.uid ? claim : 'TokenConflict'];
  });
  return new Map(settled);
}

/** The token that it may use if no other holds it. */
function claimOf<O extends TokenBearer>(object: O, { kind, objects, secrets, now }: ClaimsOptions<O>): Claim {
  const { name, deletionTimestamp, creationTimestamp = '' } = object.metadata;
  const { expiresAt, expirationPolicy } = object.spec;
  if (deletionTimestamp !== undefined) return 'gone';
  if (isExpired(object, now)) {
    if (Date.parse(creationTimestamp) >= Date.parse(expiresAt ?? '')) return 'BornExpired';
    return expirationPolicy === 'Retain' ? 'ExpiresAtPassed' : 'gone';
  }
  if ('suspend' in object.spec && object.spec.suspend === true) return 'SuspendRequested';
  const secretName = secretNameOf(kind, object);
  const secret = secrets.find(({ metadata }) => metadata.name === secretName);
  const label = secret?.metadata.labels?.[kind.label];
  const older = objects.some(
    (other) =>
      secretNameOf(kind, other) === secretName &&
      age(other) < age(object) &&
      other.metadata.deletionTimestamp === undefined &&
      !isExpired(other, now),
  );
  if (secret === undefined) return older ? 'SecretConflict' : 'NoSecret';
  if (secret.type !== kind.secretType || (label ?? name) !== name) return 'SecretConflict';
  if (label === undefined && older) return 'SecretConflict';
  const token = decode(secret.data?.token);
  return isToken(token) ? { hash: hashToken(token) } : 'TokenInvalid';
}

/** Once found expired at an instant, it stays so, whatever clocks say later. */
function isExpired({ spec, status }: TokenBearer, now: number): boolean {
  if (spec.expiresAt === undefined) return false;
  const found = status?.conditions?.some(({ type }) => type === 'Expired') ?? false;
  return (
    Date.parse(spec.expiresAt) <= now || (found && Date.parse(status?.expiresAt ?? '') === Date.parse(spec.expiresAt))
  );
}

function age({ metadata }: TokenBearer): string {
  return `${metadata.creationTimestamp} ${metadata.uid}`;
}
