import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Random } from '../process/random.ts';
import { type KubernetesObject, keyOf, type ObjectKey, type ResourceType } from '../resources/object.ts';
import { listAndWatch } from './list-watch.ts';
import type { ObjectApi, WatchEvent } from './object-api.ts';
import type { ObjectCache, ObjectChange } from './object-cache.ts';
import { ReflectedObjects } from './reflected-objects.ts';

/**
 * Keeps a copy of one kind current, from the whole cluster or from listed namespaces (one list and watch each, one
 * view). Subscribe before `start`: what is already there is not told again. Between `start` and `stop` no
 * failure of the API ends it; the view is then old, and {@link Reflector.state} says so.
 */
export interface ReflectorOptions<T extends KubernetesObject> {
  api: Pick<ObjectApi, 'list' | 'watch'>;
  type: ResourceType<T>;
  /** Only these; the whole cluster when absent. */
  namespaces?: readonly string[];
  labelSelector?: string;
  fieldSelector?: string;
  /** Fetch only `metadata`, for Secrets whose content is nobody's business here. */
  metadataOnly?: boolean;
  /** Reduces each object before it is kept. Must not change the object it is given. */
  transform?: (object: T) => T;
  clock: Clock;
  random: Random;
  logger: Logger;
}

/** For readiness and metrics. Instants are wall-clock milliseconds. */
export interface ReflectorState {
  readonly synced: boolean;
  /** When the last complete list came in. */
  readonly lastSync: number | undefined;
  /** When the API last said anything: an event, a bookmark or a list. */
  readonly lastEvent: number | undefined;
  readonly lists: number;
  /** Watches opened again from where the last one ended. */
  readonly restarts: number;
  readonly failures: number;
  /** The latest failure, until something succeeds again. */
  readonly lastError: string | undefined;
}

export class Reflector<T extends KubernetesObject> implements ObjectCache<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #store: ReflectedObjects<T>;
  readonly #logger: Logger;
  readonly #unsynced: Set<string | undefined>;
  /** Namespaces whose list, asked for by {@link Reflector.refresh}, is not in yet. */
  #unrefreshed = new Set<string | undefined>();
  #relist = new AbortController();
  readonly #stop = new AbortController();
  #loops: Promise<unknown> | undefined;
  #syncWaiters: (() => void)[] = [];
  #state: Omit<ReflectorState, 'synced'> = {
    lastSync: undefined,
    lastEvent: undefined,
    lists: 0,
    restarts: 0,
    failures: 0,
    lastError: undefined,
  };

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#logger = options.logger.child({ kind: options.type.kind });
    this.#store = new ReflectedObjects(this.#logger);
    this.#unsynced = new Set(options.namespaces ?? [undefined]);
  }

  get synced(): boolean {
    return this.#unsynced.size === 0;
  }

  get state(): ReflectorState {
    return { synced: this.synced, ...this.#state };
  }

  get size(): number {
    return this.#store.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#store.get(key);
  }

  list(): Iterable<T> {
    return this.#store.list();
  }

  onChange(handler: (change: ObjectChange<T>) => void): () => void {
    return this.#store.onChange(handler);
  }

  start(): void {
    if (this.#loops !== undefined) throw new Error(`The reflector of ${this.#options.type.kind} was already started`);
    this.#loops = Promise.all([...this.#unsynced].map((namespace) => this.#follow(namespace)));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wakeWaiters();
    await this.#loops;
  }

  /** Resolves with true once the first complete list of every namespace is in, with false when stopped or aborted. */
  async waitForSync(signal?: AbortSignal): Promise<boolean> {
    if (!this.synced && !this.#stop.signal.aborted && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.#syncWaiters.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.synced;
  }

  /**
   * Lists anew and resolves with true once every namespace's list, begun after this call, is in; with false when stopped.
   * For a moment when a copy that lags behind would do harm. Until then the view stays as it was.
   */
  async refresh(): Promise<boolean> {
    this.#unrefreshed = new Set(this.#options.namespaces ?? [undefined]);
    const interrupted = this.#relist;
    this.#relist = new AbortController();
    interrupted.abort();
    while (this.#unrefreshed.size > 0 && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => this.#syncWaiters.push(resolve));
    }
    return !this.#stop.signal.aborted;
  }

  #follow(namespace: string | undefined): Promise<void> {
    const { api, type, labelSelector, fieldSelector, metadataOnly, clock, random } = this.#options;
    return listAndWatch(
      {
        api,
        type,
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
        ...(metadataOnly === undefined ? {} : { metadataOnly }),
        clock,
        random,
        relist: () => this.#relist.signal,
        sink: {
          replaced: (objects) => this.#replaced(namespace, objects),
          event: (event) => this.#event(event),
          failed: (error, waitMs) => this.#failed(namespace, error, waitMs),
          rewatched: () => this.#note({ restarts: this.#state.restarts + 1 }),
        },
      },
      this.#stop.signal,
    );
  }

  #replaced(namespace: string | undefined, objects: readonly T[]): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.clock.now();
    this.#note({ lastSync: now, lastEvent: now, lists: this.#state.lists + 1, lastError: undefined });
    const initial = this.#unsynced.delete(namespace);
    this.#store.replace(
      namespace,
      objects.map((object) => this.#reduce(object)),
      { initial },
    );
    this.#unrefreshed.delete(namespace);
    if (this.synced) this.#wakeWaiters();
  }

  #event(event: WatchEvent<T>): void {
    if (this.#stop.signal.aborted) return;
    this.#note({ lastEvent: this.#options.clock.now(), lastError: undefined });
    if (event.type === 'BOOKMARK') return;
    if (event.type === 'DELETED') this.#store.remove(keyOf(event.object));
    else this.#store.put(this.#reduce(event.object));
  }

  #failed(namespace: string | undefined, error: unknown, waitMs: number): void {
    const lastError = error instanceof Error ? error.message : String(error);
    this.#note({ failures: this.#state.failures + 1, lastError });
    this.#logger.warn('Following the API failed', { namespace, error, retryInMs: Math.round(waitMs) });
  }

  /** `managedFields` are often half of an object and nobody here reads them. */
  #reduce(object: T): T {
    const { managedFields, ...metadata } = object.metadata;
    const reduced = managedFields === undefined ? object : { ...object, metadata };
    try {
      return this.#options.transform?.(reduced) ?? reduced;
    } catch (error) {
      this.#logger.error('An object could not be reduced and is kept whole', { key: keyOf(object), error });
      return reduced;
    }
  }

  #note(change: Partial<Omit<ReflectorState, 'synced'>>): void {
    this.#state = { ...this.#state, ...change };
  }

  #wakeWaiters(): void {
    const waiters = this.#syncWaiters;
    this.#syncWaiters = [];
    for (const wake of waiters) wake();
  }
}
