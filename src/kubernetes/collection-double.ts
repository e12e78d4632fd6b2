import { type KubernetesObject, keyFor, type ObjectKey, type ResourceType } from '../resources/object.ts';
import {
  ApiError,
  type ListOptions,
  type ObjectApi,
  type ObjectList,
  type WatchEvent,
  type WatchOptions,
} from './object-api.ts';

/**
 * For tests: one collection as the API serves it, with pages, a history to watch that can be compacted, and streams that
 * a test ends, breaks or mutes. Records every call.
 */
export class CollectionDouble implements Pick<ObjectApi, 'list' | 'watch'> {
  readonly lists: ListOptions[] = [];
  readonly watches: WatchOptions[] = [];
  /** Errors that the next calls fail with, first come first served. */
  readonly failLists: Error[] = [];
  readonly failWatches: Error[] = [];
  readonly streams = new Set<Stream>();
  /** Streams opened while this is true neither yield, end nor heed their signal, until they are revived. */
  mute = false;
  #version = 0;
  #compacted = 0;
  readonly #objects = new Map<ObjectKey, KubernetesObject>();
  #history: { version: number; event: WatchEvent<KubernetesObject> }[] = [];

  get objects(): ReadonlyMap<ObjectKey, KubernetesObject> {
    return this.#objects;
  }

  set(name: string, options: { namespace?: string; uid?: string; managedFields?: unknown[] } = {}): void {
    const { namespace = 'default', ...metadata } = options;
    const key = keyFor(namespace, name);
    const before = this.#objects.get(key);
    const uid = before?.metadata.uid ?? `${name}-${this.#version}`;
    const object = {
      apiVersion: 'v1',
      kind: 'Thing',
      metadata: { uid, ...metadata, name, namespace, resourceVersion: `${++this.#version}` },
    };
    this.#objects.set(key, object);
    this.#publish({ type: before === undefined ? 'ADDED' : 'MODIFIED', object });
  }

  delete(name: string, namespace = 'default'): void {
    const key = keyFor(namespace, name);
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    const metadata = { ...object.metadata, resourceVersion: `${++this.#version}` };
    this.#publish({ type: 'DELETED', object: { ...object, metadata } });
  }

  bookmark(): void {
    for (const stream of this.streams) stream.push({ type: 'BOOKMARK', resourceVersion: `${this.#version}` });
  }

  /** Forgets the history: whoever watches from before now is told `Expired`. */
  compact(): void {
    this.#compacted = this.#version;
    this.#history = [];
  }

  /** Streams that were mute yield what they held back. */
  reviveStreams(): void {
    for (const stream of this.streams) stream.revive();
  }

  endStreams(error?: Error): void {
    for (const stream of this.streams) stream.end(error);
    this.streams.clear();
  }

  async list<T extends KubernetesObject>(_type: ResourceType<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    this.lists.push(options);
    const failure = this.failLists.shift();
    if (failure !== undefined) throw failure;
    const all = [...this.#objects.values()].filter((object) => isIn(object, options.namespace));
    const start = Number(options.continue ?? 0);
    const end = start + (options.limit ?? all.length);
    return {
      items: all.slice(start, end) as T[],
      resourceVersion: `${this.#version}`,
      ...(end < all.length ? { continue: `${end}` } : {}),
    };
  }

  watch<T extends KubernetesObject>(_type: ResourceType<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    this.watches.push(options);
    const failure = this.failWatches.shift();
    const since = Number(options.resourceVersion);
    const stream = new Stream(options, this.mute);
    if (failure !== undefined) stream.end(failure);
    else if (since < this.#compacted) stream.end(expired());
    else {
      this.streams.add(stream);
      for (const { version, event } of this.#history) if (version > since) stream.push(event);
    }
    return stream as AsyncIterable<WatchEvent<T>>;
  }

  #publish(event: WatchEvent<KubernetesObject>): void {
    this.#history.push({ version: this.#version, event });
    for (const stream of this.streams) stream.push(event);
  }
}

class Stream implements AsyncIterable<WatchEvent<KubernetesObject>> {
  readonly #namespace: string | undefined;
  #mute: boolean;
  readonly #queue: WatchEvent<KubernetesObject>[] = [];
  #end: { error: Error | undefined } | undefined;
  #wake: () => void = () => undefined;

  constructor(options: WatchOptions, mute: boolean) {
    this.#namespace = options.namespace;
    this.#mute = mute;
    if (!mute) options.signal?.addEventListener('abort', () => this.end());
  }

  push(event: WatchEvent<KubernetesObject>): void {
    if (this.#end !== undefined) return;
    if (event.type !== 'BOOKMARK' && !isIn(event.object, this.#namespace)) return;
    this.#queue.push(event);
    if (!this.#mute) this.#wake();
  }

  revive(): void {
    this.#mute = false;
    this.#wake();
  }

  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<KubernetesObject>> {
    for (;;) {
      const event = this.#mute ? undefined : this.#queue.shift();
      if (event !== undefined) yield event;
      else if (this.#end?.error !== undefined) throw this.#end.error;
      else if (this.#end !== undefined) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

function isIn(object: KubernetesObject, namespace: string | undefined): boolean {
  return namespace === undefined || object.metadata.namespace === namespace;
}

export function expired(): ApiError {
  return new ApiError({ reason: 'Expired', status: 410, message: 'too old resource version' });
}

export function unavailable(retryAfterSeconds?: number): ApiError {
  return new ApiError({ reason: 'ServiceUnavailable', status: 503, message: 'try later', retryAfterSeconds });
}
