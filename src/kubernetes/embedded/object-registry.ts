import type { Clock } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import { rfc3339Seconds } from '../../resources/conditions.ts';
import { keyFor } from '../../resources/object.ts';
import { namespaceType } from '../core-types.ts';
import * as errors from './api-errors.ts';
import { equal, type JsonObject, member, text, withKey } from './json.ts';
import type { Kind } from './kind.ts';
import { kindKey } from './kinds.ts';
import { isDeleting, referenceOf, split, withOwners } from './managed-object.ts';
import { finalizersOf, validateMetadata, validateMetadataChange, validateName } from './object-meta.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { markDeleted, metadataOf, prepareCreate, prepareUpdate } from './object-strategy.ts';
import { type FieldOwner, trackUpdate, type Writer } from './server-side-apply.ts';

/**
 * The life of objects in the store: what a create, an update or a delete makes of them, whatever form the request had.
 * Checks come before changes, so a refused write leaves no trace. Namespaces end with their contents, as the namespace
 * controller has it.
 */
export class ObjectRegistry {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #kinds: readonly Kind[];
  readonly #implicitNamespaces: boolean;

  constructor(options: {
    store: ObjectStore;
    clock: Clock;
    random: Random;
    kinds: readonly Kind[];
    implicitNamespaces: boolean;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#kinds = options.kinds;
    this.#implicitNamespaces = options.implicitNamespaces;
  }

  create(kind: Kind, wanted: JsonObject, writer: Writer, owners?: readonly FieldOwner[]): StoredObject {
    const object = prepareCreate(kind, wanted, { now: this.#clock.now(), random: this.#random });
    const { name = '', namespace } = referenceOf(object);
    this.#requireNamespace(kind, name, namespace);
    const key = keyFor(namespace ?? '', name);
    const violations = [
      ...validateName(name, kind.nameForm),
      ...validateMetadata(object),
      ...kind.validate(object, undefined),
    ];
    if (violations.length > 0) throw errors.invalid(kind.type, name, violations);
    if (this.#store.get(kind.type, key) !== undefined) throw errors.alreadyExists(kind.type, name);
    const time = rfc3339Seconds(this.#clock.now());
    // The status, a default, is nobody's.
    const owned = kind.hasStatus ? withKey(object, 'status', undefined) : object;
    const managed = owners ?? trackUpdate(kind.schema, {}, owned, [], writer, time);
    // The server drops the status of a new custom resource and shows the default; the next write stores it.
    return this.#store.put(kind.type, withOwners(object, managed), { isUnsettled: kind.hasGeneration });
  }

  update(
    kind: Kind,
    stored: StoredObject,
    candidate: JsonObject,
    write: { writer: Writer; owners?: readonly FieldOwner[]; subresource?: 'status' | undefined },
  ): StoredObject {
    const { type } = kind;
    const { name, resourceVersion } = stored.object.metadata;
    const expected = text(member(metadataOf(candidate), 'resourceVersion')) ?? '';
    if (expected !== '' && expected !== resourceVersion) throw errors.staleVersion(type, name);
    const { bare, owners } = split(stored.json);
    const after = prepareUpdate(kind, bare, candidate, write.subresource);
    const violations = [
      ...validateMetadata(after),
      ...validateMetadataChange(bare, after),
      ...kind.validate(after, bare),
    ];
    if (violations.length > 0) throw errors.invalid(type, name, violations);
    const time = rfc3339Seconds(this.#clock.now());
    // An object without owners, from an apply of nothing, is tracked from its first apply on.
    const tracked = owners.length === 0 ? [] : trackUpdate(kind.schema, bare, after, owners, write.writer, time);
    const managed = write.owners ?? tracked;
    const json = withOwners(after, managed);
    if (equal(json, stored.json) && !stored.isUnsettled) return stored;
    if (isDeleting(json) && finalizersOf(json).length === 0 && type.namespaced) return this.#remove(kind, json);
    return this.#store.put(type, json);
  }

  delete(kind: Kind, stored: StoredObject): void {
    if (isDeleting(stored.json)) return;
    const isNamespace = kindKey(kind.type) === kindKey(namespaceType);
    if (!isNamespace && finalizersOf(stored.json).length === 0) {
      this.#remove(kind, stored.json);
      return;
    }
    const marked = markDeleted(kind, stored.json, this.#clock.now());
    this.#store.put(kind.type, isNamespace ? kind.normalise(marked) : marked);
    if (isNamespace) this.#emptyNamespace(stored.object.metadata.name);
  }

  #remove(kind: Kind, json: JsonObject): StoredObject {
    const removed = this.#store.remove(kind.type, json);
    const { namespace } = removed.object.metadata;
    if (namespace !== undefined) this.#finishNamespace(namespace);
    return removed;
  }

  /** What the namespace controller does: deletes the contents, then the namespace itself. */
  #emptyNamespace(name: string): void {
    for (const kind of this.#namespacedKinds()) {
      for (const stored of this.#store.list(kind.type)) {
        if (stored.object.metadata.namespace === name) this.delete(kind, stored);
      }
    }
    this.#finishNamespace(name);
  }

  #finishNamespace(name: string): void {
    const namespace = this.#store.get(namespaceType, keyFor('', name));
    if (namespace === undefined || !isDeleting(namespace.json)) return;
    const isEmpty = this.#namespacedKinds().every((kind) =>
      this.#store.list(kind.type).every((stored) => stored.object.metadata.namespace !== name),
    );
    if (isEmpty) this.#store.remove(namespaceType, namespace.json);
  }

  #namespacedKinds(): Kind[] {
    return [...this.#kinds].filter((kind) => kind.type.namespaced);
  }

  #requireNamespace(kind: Kind, name: string, namespace: string | undefined): void {
    if (!kind.type.namespaced || namespace === undefined) return;
    const stored = this.#store.get(namespaceType, keyFor('', namespace));
    if (stored === undefined && !this.#implicitNamespaces) throw errors.notFound(namespaceType, namespace);
    if (stored !== undefined && isDeleting(stored.json)) {
      const cause = `unable to create new content in namespace ${namespace} because it is being terminated`;
      throw errors.forbidden(kind.type, name, cause);
    }
  }
}
