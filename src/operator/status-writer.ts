import { isDeepStrictEqual } from 'node:util';
import type { ObjectApi } from '../kubernetes/object-api.ts';
import { isRecord } from '../kubernetes/object-guard.ts';
import { STATUS_FIELD_MANAGER } from '../resources/names.ts';
import type { KubernetesObject, ResourceType } from '../resources/object.ts';

/**
 * Writes a status when, and only when, it differs from the one the object has: a merge patch of the fields that differ,
 * made against the very version the status was computed from (a newer object makes it a conflict, and the reconcile
 * begins again). Returns the object as it then is.
 */
export interface WithStatus<S> extends KubernetesObject {
  status?: S;
}

export async function writeStatus<S extends object, T extends WithStatus<S>>(
  api: ObjectApi,
  type: ResourceType<T>,
  object: T,
  status: S,
): Promise<{ written: boolean; object: T }> {
  const patch = mergePatchBetween(object.status ?? {}, withoutUndefined(status));
  if (patch === undefined) return { written: false, object };
  const { name, namespace, resourceVersion } = object.metadata;
  const written = await api.mergePatch(
    type,
    namespace === undefined ? { name } : { namespace, name },
    { metadata: { resourceVersion }, status: patch },
    { subresource: 'status', fieldManager: STATUS_FIELD_MANAGER },
  );
  return { written: true, object: written };
}

/** The RFC 7386 patch from one document to another; `undefined` when they are the same. Arrays are replaced whole. */
export function mergePatchBetween(before: object, after: object): object | undefined {
  const old = new Map<string, unknown>(Object.entries(before));
  const patch: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(after)) {
    const previous = old.get(field);
    old.delete(field);
    if (isDeepStrictEqual(previous, value)) continue;
    patch[field] = isRecord(previous) && isRecord(value) ? mergePatchBetween(previous, value) : value;
  }
  for (const field of old.keys()) patch[field] = null;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
