import {
  apiVersionOf,
  type KubernetesObject,
  keyOf,
  type ObjectKey,
  type ResourceType,
} from '../../resources/object.ts';
import { isOfType } from '../object-guard.ts';
import { isObject, type JsonObject, member, toJsonObject, withKey } from './json.ts';

/**
 * The state of the embedded API: objects by kind and key, one counter of resource versions, and for each kind the last
 * events, from which watches read. Everything in it is deep-frozen. The history is bounded: a reader that falls behind
 * it is told so, as after a compaction of etcd.
 */
export interface StoredObject {
  readonly key: ObjectKey;
  readonly json: JsonObject;
  /** The same object, typed. */
  readonly object: KubernetesObject;
  /** Its next write has an effect even without a change: what is shown was completed by defaults. */
  readonly isUnsettled: boolean;
}

export interface StoredEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly after: StoredObject;
  readonly before: StoredObject | undefined;
}

/** Above 1, so that a client which remembers an early version is told that it is gone. */
const FIRST_VERSION = 1000;

const SETTLED = { isUnsettled: false };

interface Collection {
  readonly objects: Map<ObjectKey, StoredObject>;
  history: StoredEvent[];
  /** Events up to this version are no longer in the history. */
  forgotten: number;
  readonly waiting: Set<() => void>;
}

export class ObjectStore {
  readonly #collections = new Map<string, Collection>();
  readonly #historyLimit: number;
  #version = FIRST_VERSION;

  constructor(options: { historyLimit: number }) {
    this.#historyLimit = options.historyLimit;
  }

  get version(): number {
    return this.#version;
  }

  get(type: ResourceType, key: ObjectKey): StoredObject | undefined {
    return this.#collection(type).objects.get(key);
  }

  /** In the order of their keys. */
  list(type: ResourceType): StoredObject[] {
    return [...this.#collection(type).objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  put(type: ResourceType, json: JsonObject, options: { isUnsettled: boolean } = SETTLED): StoredObject {
    const collection = this.#collection(type);
    const after = { ...this.#stamp(type, json), ...options };
    const before = collection.objects.get(after.key);
    collection.objects.set(after.key, after);
    this.#record(collection, before === undefined ? 'ADDED' : 'MODIFIED', after, before);
    return after;
  }

  /** `json` is the last state, which the event carries. */
  remove(type: ResourceType, json: JsonObject): StoredObject {
    const collection = this.#collection(type);
    const after = this.#stamp(type, json);
    const before = collection.objects.get(after.key);
    collection.objects.delete(after.key);
    this.#record(collection, 'DELETED', after, before);
    return after;
  }

  /** Events after `version`, oldest first; `undefined` when some are forgotten. */
  eventsAfter(type: ResourceType, version: number): readonly StoredEvent[] | undefined {
    const { history, forgotten } = this.#collection(type);
    if (version < forgotten) return undefined;
    let [low, high] = [0, history.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((history[middle]?.version ?? 0) > version) high = middle;
      else low = middle + 1;
    }
    return history.slice(low);
  }

  /** Calls `wake` once, at the next event of the kind; returns the way to give up. */
  onNextEvent(type: ResourceType, wake: () => void): () => void {
    const { waiting } = this.#collection(type);
    waiting.add(wake);
    return () => waiting.delete(wake);
  }

  /** Forgets all events so far. */
  compact(): void {
    for (const collection of this.#collections.values()) {
      collection.history = [];
      collection.forgotten = this.#version;
    }
  }

  #record(
    collection: Collection,
    type: StoredEvent['type'],
    after: StoredObject,
    before: StoredObject | undefined,
  ): void {
    collection.history.push({ version: this.#version, type, after, before });
    // Twice the limit, then cut to it: amortised, and never fewer than promised.
    if (collection.history.length >= 2 * this.#historyLimit) {
      const cut = collection.history.length - this.#historyLimit;
      collection.forgotten = collection.history[cut - 1]?.version ?? collection.forgotten;
      collection.history = collection.history.slice(cut);
    }
    const waiting = [...collection.waiting];
    collection.waiting.clear();
    for (const wake of waiting) wake();
  }

  #stamp(type: ResourceType, json: JsonObject): StoredObject {
    this.#version += 1;
    const metadata = member(json, 'metadata');
    const versioned = withKey(isObject(metadata) ? metadata : {}, 'resourceVersion', String(this.#version));
    const stamped = withKey(json, 'metadata', versioned);
    return storedObject(type, stamped);
  }

  #collection(type: ResourceType): Collection {
    const name = `${type.plural}.${type.group}`;
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = { objects: new Map(), history: [], forgotten: FIRST_VERSION, waiting: new Set() };
      this.#collections.set(name, collection);
    }
    return collection;
  }
}

function storedObject(type: ResourceType, json: JsonObject): StoredObject {
  const object: unknown = json;
  if (!isOfType(type, object)) throw new TypeError(`not a ${type.kind}: an object without apiVersion, kind or name`);
  return { key: keyOf(object), json, object, ...SETTLED };
}

/** Only `apiVersion`, `kind` and `metadata`, as a metadata-only list or watch yields. */
export function metadataOnly(type: ResourceType, json: JsonObject): JsonObject {
  return toJsonObject({ apiVersion: apiVersionOf(type), kind: type.kind, metadata: member(json, 'metadata') });
}
