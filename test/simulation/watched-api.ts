import type { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { ApiError, type ObjectApi, type WatchEvent, type WatchOptions } from '../../src/kubernetes/object-api.ts';
import { delay } from '../../src/process/clock.ts';
import type { KubernetesObject, ResourceType } from '../../src/resources/object.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { Witness } from './witness.ts';

const LONGEST_LAG = 10_000;

/**
 * An operator's side of the API: calls that may go wrong on their way, watches whose news are late or break off, and a
 * witness of each write.
 */
export class WatchedApi implements ObjectApi {
  readonly #process: SimulatedProcess;
  readonly #inner: EmbeddedObjectApi;
  readonly #witness: Witness;
  /** Watches that are open and have nothing left to tell. */
  #current = 0;
  #break = new AbortController();

  constructor(process: SimulatedProcess, inner: EmbeddedObjectApi, witness: Witness) {
    this.#process = process;
    this.#inner = inner;
    this.#witness = witness;
  }

  /** How many watches have told everything there is to tell. */
  get currentWatches(): number {
    return this.#current;
  }

  /** All open watches end with an error. */
  breakWatches(): void {
    this.#break.abort();
    this.#break = new AbortController();
  }

  list: ObjectApi['list'] = (type, options) => this.#read(() => this.#inner.list(type, options));
  get: ObjectApi['get'] = (type, reference) => this.#read(() => this.#inner.get(type, reference));
  create: ObjectApi['create'] = (type, object, options) =>
    this.#write('create', type, object.metadata.name, () => this.#inner.create(type, object, options));
  replace: ObjectApi['replace'] = (type, object, options) =>
    this.#write('replace', type, object.metadata.name, () => this.#inner.replace(type, object, options));
  apply: ObjectApi['apply'] = (type, object, options) =>
    this.#write('apply', type, object.metadata.name, () => this.#inner.apply(type, object, options));
  mergePatch: ObjectApi['mergePatch'] = (type, reference, patch, options) =>
    this.#write('patch', type, reference.name, () => this.#inner.mergePatch(type, reference, patch, options));
  jsonPatch: ObjectApi['jsonPatch'] = (type, reference, operations, options) =>
    this.#write('patch', type, reference.name, () => this.#inner.jsonPatch(type, reference, operations, options));
  delete: ObjectApi['delete'] = (type, reference, preconditions) =>
    this.#write('delete', type, reference.name, () => this.#inner.delete(type, reference, preconditions));

  async *watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, void> {
    await this.#process.cross();
    const broken = this.#break.signal;
    const end = new AbortController();
    const cut = () => end.abort();
    for (const signal of [broken, options.signal]) signal?.addEventListener('abort', cut, { once: true });
    this.#current += 1;
    try {
      for await (const event of this.#inner.watch(type, { ...options, signal: end.signal })) {
        this.#current -= 1;
        try {
          await this.#lag();
        } finally {
          this.#current += 1;
        }
        if (broken.aborted) throw unreachable();
        yield event;
      }
      if (broken.aborted) throw unreachable();
    } finally {
      this.#current -= 1;
      end.abort();
    }
  }

  async #lag(): Promise<void> {
    const { weather, chance, clock, lagFactor } = this.#process;
    const lag = weather.calm ? 0 : chance.between(0, Math.min(weather.watchLag * lagFactor, LONGEST_LAG));
    if (lag > 0) await delay(clock, lag);
    await this.#process.cross();
  }

  #read<T>(effect: () => Promise<T>): Promise<T> {
    return this.#process.call('api', effect, unreachable);
  }

  #write<T>(verb: string, type: ResourceType, name: string, effect: () => Promise<T>): Promise<T> {
    this.#witness.begins(this.#process, `${verb} ${type.kind} ${name}`);
    return this.#process.call(
      'api',
      () => {
        const written = this.#witness.apiWrite(this.#process, verb, type, name);
        const answer = effect();
        written();
        return answer;
      },
      unreachable,
    );
  }
}

function unreachable(): ApiError {
  return new ApiError({ reason: 'Unreachable', status: 0, message: 'The connection was lost.' });
}
