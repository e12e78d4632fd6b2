import type { ObjectReference } from '../object-api.ts';
import { type JsonObject, member, text, toJsonObject, withKey } from './json.ts';
import type { Kind } from './kind.ts';
import type { StoredObject } from './object-store.ts';
import { metadataOf } from './object-strategy.ts';
import { type FieldOwner, readOwners, writeOwners } from './server-side-apply.ts';

/** Objects taken apart and put together: with and without their owners, with what an apply says of them. */
/** What an apply may say: the status alone, or everything but the status. */
export function wantedBy(kind: Kind, decoded: JsonObject, subresource: 'status' | undefined): JsonObject {
  if (subresource === undefined) {
    const whole = kind.hasStatus ? withKey(decoded, 'status', undefined) : decoded;
    return withKey(whole, 'metadata', withKey(metadataOf(whole), 'resourceVersion', undefined));
  }
  const { name, namespace } = referenceOf(decoded);
  return toJsonObject({
    apiVersion: member(decoded, 'apiVersion'),
    kind: member(decoded, 'kind'),
    metadata: { name, namespace },
    status: member(decoded, 'status'),
  });
}

/** An object without its `managedFields`, and those. */
export function split(json: JsonObject): { bare: JsonObject; owners: FieldOwner[] } {
  const metadata = metadataOf(json);
  return {
    bare: withKey(json, 'metadata', withKey(metadata, 'managedFields', undefined)),
    owners: readOwners(member(metadata, 'managedFields')),
  };
}

export function withOwners(bare: JsonObject, owners: readonly FieldOwner[]): JsonObject {
  const managedFields = owners.length === 0 ? undefined : writeOwners(owners);
  return withKey(bare, 'metadata', withKey(metadataOf(bare), 'managedFields', managedFields));
}

/** The result of an apply with the preconditions that the applied object named. */
export function withPreconditions(object: JsonObject, applied: JsonObject): JsonObject {
  const { uid, resourceVersion } = metadataOf(applied);
  const identified = uid === undefined ? metadataOf(object) : withKey(metadataOf(object), 'uid', uid);
  return withKey(object, 'metadata', withKey(identified, 'resourceVersion', resourceVersion));
}

export function referenceOf(json: JsonObject): ObjectReference {
  const metadata = metadataOf(json);
  const namespace = text(member(metadata, 'namespace'));
  return { name: text(member(metadata, 'name')) ?? '', ...(namespace === undefined ? {} : { namespace }) };
}

export function uidPrecondition(uid: unknown, stored: StoredObject): string {
  return `Precondition failed: UID in precondition: ${String(uid)}, UID in object meta: ${stored.object.metadata.uid ?? ''}`;
}

export function isDeleting(json: JsonObject): boolean {
  return member(metadataOf(json), 'deletionTimestamp') !== undefined;
}
