import type { ObjectApi } from '../kubernetes/object-api.ts';

/**
 * An object API whose writes are refused while this process does not lead: a follower reads and keeps its caches warm,
 * and a leader that was frozen past its lease writes nothing when it resumes.
 */
export class NotLeadingError extends Error {
  override readonly name = 'NotLeadingError';
  readonly code = 'OPERATOR_NOT_LEADING';
  constructor(action: string) {
    super(`This process does not lead (any more), so it did not ${action}.`);
  }
}

export function gateWrites(api: ObjectApi, isLeading: () => boolean): ObjectApi {
  const assertLeading = (action: string) => {
    if (!isLeading()) throw new NotLeadingError(action);
  };
  return {
    list: (type, options) => api.list(type, options),
    watch: (type, options) => api.watch(type, options),
    get: (type, reference) => api.get(type, reference),
    async create(type, object, options) {
      const assertAllowed = () => assertLeading(`create a ${type.kind}`);
      assertAllowed();
      // Every other write names the version it is about; a creation that waits for its turn is checked once more.
      return await api.create(type, object, { ...options, assertAllowed });
    },
    async replace(type, object, options) {
      assertLeading(`replace a ${type.kind}`);
      return await api.replace(type, object, options);
    },
    async apply(type, object, options) {
      assertLeading(`apply a ${type.kind}`);
      return await api.apply(type, object, options);
    },
    async mergePatch(type, reference, patch, options) {
      assertLeading(`patch a ${type.kind}`);
      return await api.mergePatch(type, reference, patch, options);
    },
    async jsonPatch(type, reference, operations, options) {
      assertLeading(`patch a ${type.kind}`);
      return await api.jsonPatch(type, reference, operations, options);
    },
    async delete(type, reference, preconditions) {
      assertLeading(`delete a ${type.kind}`);
      await api.delete(type, reference, preconditions);
    },
  };
}
