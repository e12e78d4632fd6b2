import type { Clock } from '../../process/clock.ts';
import type { Random } from '../../process/random.ts';
import { rfc3339Seconds } from '../../resources/conditions.ts';
import { FIELD_MANAGER } from '../../resources/names.ts';
import { apiVersionOf, type KubernetesObject, keyFor, type ResourceType } from '../../resources/object.ts';
import type {
  ApplyOptions,
  DeletePreconditions,
  JsonPatchOperation,
  ListOptions,
  ObjectApi,
  ObjectList,
  ObjectReference,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../object-api.ts';
import { isOfType } from '../object-guard.ts';
import * as errors from './api-errors.ts';
import { type JsonObject, member, text, toJson, toJsonObject } from './json.ts';
import { JsonPatchError, jsonPatch } from './json-patch.ts';
import type { Kind } from './kind.ts';
import { EMBEDDED_KINDS, kindKey } from './kinds.ts';
import { referenceOf, split, uidPrecondition, wantedBy, withPreconditions } from './managed-object.ts';
import { mergePatch } from './merge-patch.ts';
import { ObjectRegistry } from './object-registry.ts';
import { metadataOnly, ObjectStore, type StoredObject } from './object-store.ts';
import { metadataOf } from './object-strategy.ts';
import { Pages } from './pages.ts';
import { selection } from './selection.ts';
import { apply as applyFields, describeConflicts, type Writer } from './server-side-apply.ts';
import { prune } from './structural-schema.ts';
import { watchStore } from './watch-stream.ts';

/**
 * The resource API in process: for standalone mode and for the deterministic simulation. It behaves as the API server
 * does in everything the project relies on; the conformance suite holds both to that.
 *
 * Guarantees: each call takes effect at once, in one step; nothing happens by itself but bookmarks and ends of watches,
 * by the injected clock; the same calls with the same clock and random yield the same objects. Objects it returns are
 * deep-frozen and shared. Namespaces exist without being created unless `implicitNamespaces` is false.
 */
export class EmbeddedObjectApi implements ObjectApi {
  readonly #clock: Clock;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #bookmarkSeconds: number;
  readonly #store: ObjectStore;
  readonly #registry: ObjectRegistry;
  readonly #pages = new Pages();

  constructor(options: {
    clock: Clock;
    random: Random;
    kinds?: readonly Kind[];
    implicitNamespaces?: boolean;
    /** Events of each kind that a watch may resume over. */
    historyLimit?: number;
    bookmarkSeconds?: number;
  }) {
    this.#clock = options.clock;
    const kinds = options.kinds ?? EMBEDDED_KINDS;
    this.#kinds = new Map(kinds.map((kind) => [kindKey(kind.type), kind]));
    this.#bookmarkSeconds = options.bookmarkSeconds ?? 60;
    this.#store = new ObjectStore({ historyLimit: options.historyLimit ?? 4096 });
    this.#registry = new ObjectRegistry({
      store: this.#store,
      clock: options.clock,
      random: options.random,
      kinds,
      implicitNamespaces: options.implicitNamespaces ?? true,
    });
  }

  async list<T extends KubernetesObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    if (options.signal?.aborted === true) throw errors.aborted();
    const kind = this.#kind(type);
    const matches = selection(kind, options);
    const page =
      options.continue === undefined
        ? { items: this.#store.list(type).filter(matches), resourceVersion: String(this.#store.version) }
        : this.#pages.take(options.continue);
    const limit = options.limit === undefined || options.limit <= 0 ? page.items.length : options.limit;
    const rest = page.items.slice(limit);
    return {
      items: page.items.slice(0, limit).map((stored) => this.#view(type, stored, options.metadataOnly)),
      resourceVersion: page.resourceVersion,
      ...(rest.length === 0 ? {} : { continue: this.#pages.keep({ ...page, items: rest }) }),
    };
  }

  watch<T extends KubernetesObject>(type: ResourceType<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    const { resourceVersion } = options;
    return watchStore(
      this.#store,
      {
        type,
        matches: selection(this.#kind(type), options),
        view: (json) => (options.metadataOnly === true ? metadataOnly(type, json) : json),
        after: resourceVersion === '' || resourceVersion === '0' ? undefined : versionNumber(resourceVersion),
        timeoutSeconds: options.timeoutSeconds,
        signal: options.signal,
      },
      { clock: this.#clock, bookmarkSeconds: this.#bookmarkSeconds },
    );
  }

  async get<T extends KubernetesObject>(type: ResourceType<T>, reference: ObjectReference): Promise<T | undefined> {
    const stored = this.#find(this.#kind(type), reference);
    return stored === undefined ? undefined : this.#view(type, stored);
  }

  async create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const kind = this.#kind(type);
    const wanted = this.#decode(kind, object);
    if (member(metadataOf(wanted), 'resourceVersion') !== undefined) {
      throw errors.badRequest('resourceVersion should not be set on objects to be created');
    }
    return this.#view(type, this.#registry.create(kind, wanted, this.#writer(kind, 'Update', options.fieldManager)));
  }

  async replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const kind = this.#kind(type);
    const candidate = this.#decode(kind, object);
    const metadata = metadataOf(candidate);
    const name = text(member(metadata, 'name')) ?? '';
    const stored = this.#require(kind, referenceOf(candidate));
    const uid = member(metadata, 'uid');
    if (kind.needsVersionToReplace && member(metadata, 'resourceVersion') === undefined) {
      throw errors.invalid(type, name, ['metadata.resourceVersion: Invalid value: 0: must be specified for an update']);
    }
    if (uid !== undefined && uid !== stored.object.metadata.uid) {
      throw errors.conflict(type, name, uidPrecondition(uid, stored));
    }
    const writer = this.#writer(kind, 'Update', options.fieldManager);
    return this.#view(type, this.#registry.update(kind, stored, candidate, { writer }));
  }

  async apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions): Promise<T> {
    const kind = this.#kind(type);
    const decoded = this.#decode(kind, object);
    const { subresource } = options;
    const wanted = wantedBy(kind, decoded, subresource);
    const writer = this.#writer(kind, 'Apply', options.fieldManager, subresource);
    const stored = this.#find(kind, referenceOf(decoded));
    const given = { force: options.force ?? false, time: rfc3339Seconds(this.#clock.now()) };
    const uid = member(metadataOf(decoded), 'uid');
    const name = text(member(metadataOf(decoded), 'name')) ?? '';
    if (stored === undefined) {
      if (subresource !== undefined) throw errors.notFound(type, name);
      if (uid !== undefined) {
        throw errors.conflict(
          type,
          name,
          `uid mismatch: the provided object specified uid ${String(uid)}, and no existing object was found`,
        );
      }
      const result = applyFields(kind.schema, {}, wanted, [], writer, given);
      return this.#view(type, this.#registry.create(kind, wanted, writer, 'owners' in result ? result.owners : []));
    }
    const { bare, owners } = split(stored.json);
    const result = applyFields(kind.schema, bare, wanted, owners, writer, given);
    if ('conflicts' in result) throw errors.applyConflict(describeConflicts(result.conflicts));
    const versioned = withPreconditions(result.object, decoded);
    return this.#view(
      type,
      this.#registry.update(kind, stored, versioned, { writer, owners: result.owners, subresource }),
    );
  }

  async mergePatch<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    patch: object,
    options: PatchOptions = {},
  ): Promise<T> {
    const kind = this.#kind(type);
    const stored = this.#require(kind, reference);
    const { bare } = split(stored.json);
    return this.#view(type, this.#patch(kind, stored, toJsonObject(mergePatch(bare, toJson(patch))), options));
  }

  async jsonPatch<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    operations: readonly JsonPatchOperation[],
    options: PatchOptions = {},
  ): Promise<T> {
    const kind = this.#kind(type);
    const stored = this.#require(kind, reference);
    const { bare } = split(stored.json);
    try {
      return this.#view(type, this.#patch(kind, stored, toJsonObject(jsonPatch(bare, operations)), options));
    } catch (error) {
      throw error instanceof JsonPatchError ? errors.rejectedPatch(error) : error;
    }
  }

  async delete(type: ResourceType, reference: ObjectReference, preconditions: DeletePreconditions = {}): Promise<void> {
    const kind = this.#kind(type);
    const stored = this.#find(kind, reference);
    if (stored === undefined) return;
    const { uid, resourceVersion } = stored.object.metadata;
    if (preconditions.uid !== undefined && preconditions.uid !== uid) {
      throw errors.conflict(type, reference.name, uidPrecondition(preconditions.uid, stored));
    }
    if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
      const cause = `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion ?? ''}`;
      throw errors.conflict(type, reference.name, cause);
    }
    this.#registry.delete(kind, stored);
  }

  /** Objects of these kinds, to be saved and given to {@link restore} later. */
  snapshot(types: readonly ResourceType[]): KubernetesObject[] {
    return types.flatMap((type) => this.#store.list(this.#kind(type).type).map((stored) => stored.object));
  }

  /** Brings back objects of a snapshot as they were, identities included; one that exists by now is left alone. */
  restore(objects: readonly KubernetesObject[]): void {
    for (const object of objects) {
      const kind = [...this.#kinds.values()].find(({ type }) => isOfType(type, object));
      if (kind === undefined) throw errors.badRequest(`no kind matches ${object.apiVersion} ${object.kind}`);
      const json = toJsonObject(object);
      if (this.#find(kind, referenceOf(json)) === undefined) this.#store.put(kind.type, json);
    }
  }

  /** Forgets the events so far: watches that have not seen them end with `Expired`, as after a compaction of etcd. */
  compact(): void {
    this.#store.compact();
    this.#pages.forget();
  }

  #patch(kind: Kind, stored: StoredObject, patched: JsonObject, options: PatchOptions): StoredObject {
    const { name } = stored.object.metadata;
    const renamed = text(member(metadataOf(patched), 'name')) ?? '';
    if (renamed !== name) {
      throw errors.badRequest(`the name of the object (${renamed}) does not match the name on the URL (${name})`);
    }
    const candidate = prune(kind.schema, patched);
    const writer = this.#writer(kind, 'Update', options.fieldManager, options.subresource);
    const { subresource } = options;
    return this.#registry.update(kind, stored, toJsonObject(candidate), { writer, subresource });
  }

  #decode(kind: Kind, object: KubernetesObject): JsonObject {
    const { type } = kind;
    const json = toJsonObject(object);
    if (type.namespaced !== (text(member(metadataOf(json), 'namespace')) !== undefined)) {
      throw errors.badRequest(
        type.namespaced ? `a ${type.kind} needs metadata.namespace` : `a ${type.kind} has no namespace`,
      );
    }
    const apiVersion = apiVersionOf(type);
    if (member(json, 'kind') !== type.kind || member(json, 'apiVersion') !== apiVersion) {
      throw errors.badRequest(`the object is not a ${type.kind} of ${apiVersion}`);
    }
    return toJsonObject(prune(kind.schema, json));
  }

  #kind(type: ResourceType): Kind {
    const kind = this.#kinds.get(kindKey(type));
    if (kind === undefined) throw errors.notFound(type, type.plural);
    return kind;
  }

  #find(kind: Kind, reference: ObjectReference): StoredObject | undefined {
    return this.#store.get(kind.type, keyFor(reference.namespace ?? '', reference.name));
  }

  #require(kind: Kind, reference: ObjectReference): StoredObject {
    const stored = this.#find(kind, reference);
    if (stored === undefined) throw errors.notFound(kind.type, reference.name);
    return stored;
  }

  #writer(kind: Kind, operation: Writer['operation'], manager: string | undefined, subresource?: 'status'): Writer {
    return { manager: manager ?? FIELD_MANAGER, operation, apiVersion: apiVersionOf(kind.type), subresource };
  }

  #view<T extends KubernetesObject>(type: ResourceType<T>, stored: StoredObject, onlyMetadata = false): T {
    const object: unknown = onlyMetadata ? metadataOnly(type, stored.json) : stored.object;
    if (!isOfType(type, object)) throw errors.notFound(type, stored.object.metadata.name);
    return object;
  }
}

function versionNumber(resourceVersion: string): number {
  if (!/^\d{1,15}$/.test(resourceVersion)) {
    throw errors.badRequest(`invalid resource version: ${JSON.stringify(resourceVersion)}`);
  }
  return Number(resourceVersion);
}
