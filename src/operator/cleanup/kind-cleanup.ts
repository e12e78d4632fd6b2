import { listPages } from '../../kubernetes/list-pages.ts';
import { isApiError, type ObjectApi } from '../../kubernetes/object-api.ts';
import { type Clock, delay } from '../../process/clock.ts';
import { type KubernetesObject, keyOf } from '../../resources/object.ts';
import type { StoreCleaner } from '../../routes/redis-store-cleaner.ts';
import { removeFinalizer } from '../finalizers.ts';
import { CleanupForbiddenError, CleanupNeedsStoreError, CleanupTimeoutError } from './errors.ts';
import type { CleanableKind } from './kinds.ts';

/**
 * Sees the objects of one kind out. An operator that still runs does the work by itself and is only watched: as long as
 * objects go, it is left alone. When none has gone for a while, the rest is done by hand in the operator's own
 * order: route store, Secret, finalizer, so that a crash between two steps leaves nothing that a second run does not find.
 */
export interface KindCleanupOptions {
  readonly api: ObjectApi;
  /** `undefined`: no route store is known. */
  readonly store: StoreCleaner | undefined;
  readonly clock: Clock;
  /** `undefined`: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Let objects go although the store could not be asked; their URLs may live on. */
  readonly abandonRoutes: boolean;
  /** How long nothing may happen before the work is done by hand. */
  readonly patienceMs: number;
  /** Monotonic; then it ends. */
  readonly deadline: number;
  readonly say: (line: string) => void;
}

const POLL_MS = 500;
const AT_ONCE = 16;
const NAMED_IN_ERRORS = 10;

export class KindCleanup<T extends KubernetesObject> {
  readonly #kind: CleanableKind<T>;
  readonly #options: KindCleanupOptions;

  constructor(kind: CleanableKind<T>, options: KindCleanupOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  get name(): string {
    return this.#kind.type.kind;
  }

  /** Those that there are; none when the kind is not installed. */
  async list(): Promise<T[]> {
    const { namespaces } = this.#options;
    const found: T[] = [];
    for (const namespace of namespaces ?? [undefined]) found.push(...(await this.#listIn(namespace)));
    return found;
  }

  async delete(objects: readonly T[]): Promise<void> {
    const { api } = this.#options;
    await this.#each(objects, async ({ metadata: { name, namespace = '', uid } }) => {
      await this.#allowed('delete', namespace, () =>
        api.delete(this.#kind.type, { namespace, name }, uid === undefined ? {} : { uid }),
      );
    });
  }

  /** Returns when none of these objects is held by our finalizer any more. */
  async seeOut(objects: readonly T[]): Promise<void> {
    const { clock, patienceMs, deadline, say } = this.#options;
    const expected = new Set(objects.map(({ metadata }) => metadata.uid ?? ''));
    let left = await this.#held(expected);
    let quietSince = clock.monotonic();
    while (left.length > 0) {
      if (clock.monotonic() >= deadline) throw this.#timeout(left);
      if (clock.monotonic() - quietSince >= patienceMs) {
        say(`${count(left.length, this.name)} held by the finalizer ${this.#kind.finalizer}; no operator lets go.`);
        await this.#byHand(left);
      } else {
        await delay(clock, Math.min(POLL_MS, Math.max(deadline - clock.monotonic(), 1)));
      }
      const before = left.length;
      left = await this.#held(expected);
      if (left.length < before) {
        quietSince = clock.monotonic();
        say(`${count(before - left.length, this.name)} gone, ${left.length} left.`);
      }
    }
  }

  async #held(uids: ReadonlySet<string>): Promise<T[]> {
    const objects = await this.list();
    return objects.filter(
      ({ metadata }) =>
        uids.has(metadata.uid ?? '') &&
        metadata.deletionTimestamp !== undefined &&
        metadata.finalizers?.includes(this.#kind.finalizer) === true,
    );
  }

  async #byHand(objects: readonly T[]): Promise<void> {
    const { api } = this.#options;
    await this.#forget(objects);
    await this.#each(objects, async (object) => {
      const { namespace = '' } = object.metadata;
      await this.#allowed('get and delete Secrets', namespace, () => this.#kind.deleteSecret(api, object));
      try {
        await this.#allowed('patch', namespace, () =>
          removeFinalizer(api, this.#kind.type, object, this.#kind.finalizer),
        );
        this.#options.say(`${this.name} ${keyOf(object)} let go.`);
      } catch (error) {
        // Changed or gone since it was listed: the next look at the list decides.
        if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
      }
    });
  }

  async #forget(objects: readonly T[]): Promise<void> {
    const { store, abandonRoutes, say } = this.#options;
    const consequence = `URLs of ${count(objects.length, this.name)} may still be served from Redis`;
    const remedy =
      'Name the Redis of the installation with --redis-url (or REDIS_URL) and see that it answers. If it is gone for good, --abandon-routes lets the resources go without it.';
    if (store === undefined) {
      if (!abandonRoutes) throw new CleanupNeedsStoreError(`No route store is named, and ${consequence}. ${remedy}`);
      say(`No route store is named: ${consequence}.`);
      return;
    }
    try {
      const uids = new Set(objects.map(({ metadata }) => metadata.uid ?? ''));
      const routes = await store.forget(uids);
      say(`${count(objects.length, this.name)} removed from the route store (${routes} tokens).`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!abandonRoutes) throw new CleanupNeedsStoreError(`${reason}. ${consequence}. ${remedy}`, { cause: error });
      say(`${reason}. Going on without it: ${consequence} until it is emptied or rebuilt.`);
    }
  }

  async #listIn(namespace: string | undefined): Promise<T[]> {
    return await this.#allowed('list', namespace, async () => {
      const found: T[] = [];
      try {
        for await (const page of listPages(this.#options.api, this.#kind.type, namespace)) found.push(...page);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
      return found;
    });
  }

  async #each(objects: readonly T[], act: (object: T) => Promise<void>): Promise<void> {
    for (let start = 0; start < objects.length; start += AT_ONCE) {
      if (this.#options.clock.monotonic() >= this.#options.deadline) throw this.#timeout(objects.slice(start));
      await Promise.all(objects.slice(start, start + AT_ONCE).map(act));
    }
  }

  async #allowed<R>(verb: string, namespace: string | undefined, call: () => Promise<R>): Promise<R> {
    try {
      return await call();
    } catch (error) {
      if (!isApiError(error, 'Forbidden')) throw error;
      const where = namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`;
      throw new CleanupForbiddenError(
        `This user may not ${verb} ${this.name} ${where}: ${error.message} Use a kubeconfig of an administrator, or the role that docs/running.md names.`,
        { cause: error },
      );
    }
  }

  #timeout(left: readonly T[]): CleanupTimeoutError {
    const names = left.slice(0, NAMED_IN_ERRORS).map((object) => keyOf(object));
    const others = left.length > names.length ? ` and ${left.length - names.length} others` : '';
    return new CleanupTimeoutError(
      `The time is up and ${count(left.length, this.name)} remain: ${names.join(', ')}${others}. Run it again, with a longer --timeout; what is done already stays done.`,
    );
  }
}

export function count(number: number, kind: string): string {
  return `${number} ${kind}${number === 1 ? '' : 's'}`;
}
