import type { Random } from '../process/random.ts';
import type { KubernetesObject, ResourceType } from '../resources/object.ts';
import type { DriftingWorld, ProcessClock } from './drifting-world.ts';
import { ApiError, type ObjectApi, type ObjectReference } from './object-api.ts';

/**
 * For tests: one object with optimistic concurrency, reached by processes over a network that delays, loses requests and
 * loses answers.
 */
export class LeaseDouble {
  stored: KubernetesObject | undefined;
  /** Requests that reached it. */
  readonly served: string[] = [];
  #version = 0;
  readonly #world: DriftingWorld;

  constructor(world: DriftingWorld) {
    this.#world = world;
  }

  /** The API as one process sees it. */
  seenBy(process: ProcessClock, network: Network): Pick<ObjectApi, 'get' | 'create' | 'replace'> {
    const call = <R>(name: string, handle: () => R): Promise<R> => {
      const { promise, resolve, reject } = Promise.withResolvers<R>();
      const route = network();
      if (route.lost !== 'request') {
        this.#world.schedule(route.thereMs, () => {
          this.served.push(name);
          const answer = settled(handle);
          if (route.lost === 'answer') return;
          const deliver = () => (answer.ok ? resolve(answer.value) : reject(answer.error));
          this.#world.schedule(route.backMs, deliver, { process });
        });
      }
      return promise;
    };
    return {
      get: <T extends KubernetesObject>(_type: ResourceType<T>, _reference: ObjectReference) =>
        call('get', () => this.stored as T | undefined),
      create: <T extends KubernetesObject>(_type: ResourceType<T>, object: T) =>
        call('create', () => {
          if (this.stored !== undefined) throw failure('AlreadyExists', 409);
          return this.#store({ ...object, metadata: { ...object.metadata, uid: `uid-${this.#version}` } });
        }),
      replace: <T extends KubernetesObject>(_type: ResourceType<T>, object: T) =>
        call('replace', () => {
          if (this.stored === undefined) throw failure('NotFound', 404);
          if (this.stored.metadata.resourceVersion !== object.metadata.resourceVersion) throw failure('Conflict', 409);
          return this.#store(object);
        }),
    };
  }

  #store<T extends KubernetesObject>(object: T): T {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: `${++this.#version}` } };
    this.stored = stored;
    return stored;
  }
}

/** How one call travels. */
export type Network = () => { thereMs: number; backMs: number; lost?: 'request' | 'answer' | undefined };

export const quickNetwork: Network = () => ({ thereMs: 2, backMs: 2 });

/** Mostly quick; sometimes seconds, sometimes nothing. */
export function badNetwork(random: Random, isBad: () => boolean): Network {
  return () => {
    if (!isBad() || random.fraction() < 0.5) return quickNetwork();
    const lost = random.fraction();
    return {
      thereMs: random.fraction() * 20_000,
      backMs: random.fraction() * 20_000,
      lost: lost < 0.2 ? 'request' : lost < 0.4 ? 'answer' : undefined,
    };
  };
}

function failure(reason: 'AlreadyExists' | 'NotFound' | 'Conflict', status: number): ApiError {
  return new ApiError({ reason, status, message: `the lease: ${reason}` });
}

function settled<R>(handle: () => R): { ok: true; value: R } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: handle() };
  } catch (error) {
    return { ok: false, error };
  }
}
