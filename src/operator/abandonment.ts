import { namespaceType } from '../kubernetes/core-types.ts';
import { isApiError, type ObjectApi } from '../kubernetes/object-api.ts';
import type { KubernetesObject } from '../resources/object.ts';
import type { StoreSync } from './store-sync.ts';

/** How long a deletion waits for a store that fails when the whole namespace goes away. */
const ABANDON_AFTER_MS = 60_000;

/** Whether an object may be let go without the store's confirmation that nothing of it is left. */
export type MayAbandon = (object: KubernetesObject) => Promise<boolean>;

export function abandonment({ api, store }: { api: ObjectApi; store: StoreSync }): MayAbandon {
  return async (object) => {
    const failingForMs = store.unavailableForMs() ?? 0;
    const { deletionTimestamp, namespace } = object.metadata;
    if (deletionTimestamp === undefined || namespace === undefined || failingForMs < ABANDON_AFTER_MS) return false;
    try {
      const found = await api.get(namespaceType, { name: namespace });
      return found?.metadata.deletionTimestamp !== undefined;
    } catch (error) {
      if (isApiError(error, 'Forbidden')) return false;
      throw error;
    }
  };
}
