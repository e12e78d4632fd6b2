import type { ObjectApi } from '../kubernetes/object-api.ts';
import { FIELD_MANAGER } from '../resources/names.ts';
import type { KubernetesObject, ResourceType } from '../resources/object.ts';

/**
 * Adds and removes one finalizer without touching those of others: a merge patch against the version that was decided
 * upon, so that it is a conflict when somebody changed the list meanwhile.
 */
export async function addFinalizer<T extends KubernetesObject>(
  api: ObjectApi,
  type: ResourceType<T>,
  object: T,
  finalizer: string,
): Promise<T> {
  return await patchFinalizers(api, type, object, [...(object.metadata.finalizers ?? []), finalizer]);
}

export async function removeFinalizer<T extends KubernetesObject>(
  api: ObjectApi,
  type: ResourceType<T>,
  object: T,
  finalizer: string,
): Promise<T> {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  return await patchFinalizers(api, type, object, others);
}

async function patchFinalizers<T extends KubernetesObject>(
  api: ObjectApi,
  type: ResourceType<T>,
  object: T,
  finalizers: readonly string[],
): Promise<T> {
  const { name, namespace, resourceVersion } = object.metadata;
  return await api.mergePatch(
    type,
    namespace === undefined ? { name } : { namespace, name },
    { metadata: { resourceVersion, finalizers } },
    { fieldManager: FIELD_MANAGER },
  );
}
