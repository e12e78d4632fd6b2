import { type Random, uuid } from '../../process/random.ts';
import { rfc3339Seconds } from '../../resources/conditions.ts';
import { equal, isObject, type JsonObject, member, text, withKey } from './json.ts';
import type { Kind } from './kind.ts';
import { nameSuffix, tidyMetadata } from './object-meta.ts';

/**
 * What becomes of an object on its way into the store, apart from validation: identities are given at creation and kept
 * afterwards, main and status writes stay apart, the generation follows the spec. Pure. Objects here carry no
 * `managedFields`.
 */
const GIVEN_BY_SERVER = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

export function prepareCreate(kind: Kind, object: JsonObject, given: { now: number; random: Random }): JsonObject {
  const metadata = GIVEN_BY_SERVER.reduce(
    (result, field) => withKey(result, field, undefined),
    tidyMetadata(metadataOf(object)),
  );
  const name = text(member(metadata, 'name')) ?? '';
  const prefix = text(member(metadata, 'generateName')) ?? '';
  const named =
    name === '' && prefix !== '' ? withKey(metadata, 'name', `${prefix}${nameSuffix(given.random)}`) : metadata;
  const identified = withKey(withKey(named, 'uid', uuid(given.random)), 'creationTimestamp', rfc3339Seconds(given.now));
  const complete = kind.hasGeneration ? withKey(identified, 'generation', 1) : identified;
  const withoutStatus = kind.hasStatus ? withKey(object, 'status', undefined) : object;
  return kind.normalise(withKey(withoutStatus, 'metadata', complete));
}

export function prepareUpdate(
  kind: Kind,
  before: JsonObject,
  candidate: JsonObject,
  subresource: 'status' | undefined,
): JsonObject {
  if (subresource === 'status') return kind.normalise(withKey(before, 'status', member(candidate, 'status')));
  const old = metadataOf(before);
  const kept = GIVEN_BY_SERVER.filter((field) => field !== 'uid').reduce(
    (result, field) => withKey(result, field, member(old, field)),
    tidyMetadata(metadataOf(candidate)),
  );
  const identified = member(kept, 'uid') === undefined ? withKey(kept, 'uid', member(old, 'uid')) : kept;
  const whole = withKey(candidate, 'metadata', identified);
  const prepared = kind.normalise(kind.hasStatus ? withKey(whole, 'status', member(before, 'status')) : whole);
  if (!kind.hasGeneration || equal(body(before), body(prepared))) return prepared;
  return bumpGeneration(prepared);
}

/** The object marked as being deleted; it goes when its finalizers are gone. */
export function markDeleted(kind: Kind, object: JsonObject, now: number): JsonObject {
  const metadata = withKey(
    withKey(metadataOf(object), 'deletionTimestamp', rfc3339Seconds(now)),
    'deletionGracePeriodSeconds',
    0,
  );
  const marked = withKey(object, 'metadata', metadata);
  return kind.hasGeneration ? bumpGeneration(marked) : marked;
}

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = member(object, 'metadata');
  return isObject(metadata) ? metadata : {};
}

function bumpGeneration(object: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  const generation = member(metadata, 'generation');
  return withKey(
    object,
    'metadata',
    withKey(metadata, 'generation', (typeof generation === 'number' ? generation : 0) + 1),
  );
}

/** Everything but metadata and status. */
function body(object: JsonObject): JsonObject {
  return withKey(withKey(object, 'metadata', undefined), 'status', undefined);
}
