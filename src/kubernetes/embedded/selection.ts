import { badRequest } from './api-errors.ts';
import type { Kind } from './kind.ts';
import { fieldAt } from './kinds.ts';
import type { StoredObject } from './object-store.ts';
import { fieldSelector, labelSelector, SelectorError } from './selectors.ts';

/** Which objects a list or watch shows. */
export function selection(
  kind: Kind,
  options: { namespace?: string; labelSelector?: string; fieldSelector?: string },
): (stored: StoredObject) => boolean {
  const { namespace } = options;
  try {
    const byLabels = labelSelector(options.labelSelector ?? '');
    const byFields = fieldSelector(options.fieldSelector ?? '', kind.fieldLabels);
    return ({ object, json }) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      byLabels(object.metadata.labels ?? {}) &&
      byFields((path) => fieldAt(json, path));
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error;
  }
}
