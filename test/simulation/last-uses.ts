import { lastUsedTimeToWrite } from '../../src/operator/last-use.ts';
import type { Clock } from '../../src/process/clock.ts';
import { StoreUnavailableError } from '../../src/routes/errors.ts';
import { FIRST_PAGE, type LastUseBook } from '../../src/routes/ledger/last-use-book.ts';
import type { Resources } from './resources.ts';
import type { SimulatedProcess, Weather } from './simulated-process.ts';

/**
 * The book of last uses: while things happen every server is in use, at rest none is. Operators read it as they read the
 * store, and what they find there must be in the statuses when all rests.
 */
export class LastUses {
  readonly #resources: Resources;
  readonly #time: Clock;
  readonly #weather: Weather;
  readonly #book = new Map<string, number>();

  constructor(options: { resources: Resources; time: Clock; weather: Weather }) {
    this.#resources = options.resources;
    this.#time = options.time;
    this.#weather = options.weather;
  }

  /** An operator's side of it. */
  bookFor(process: SimulatedProcess): LastUseBook {
    const call = <T>(effect: () => Promise<T>) =>
      process.call('store', effect, () => new StoreUnavailableError('read last uses', 'the connection was lost'));
    return {
      page: () =>
        call(async () => {
          this.#use();
          return { next: FIRST_PAGE, lastUses: new Map(this.#book) };
        }),
      forget: (uids) =>
        call(async () => {
          for (const uid of uids) this.#book.delete(uid);
        }),
      close: () => undefined,
    };
  }

  /** Names of servers whose status does not tell yet what the book does. */
  untold(): string[] {
    const now = this.#time.now();
    return this.#resources
      .servers()
      .filter(({ metadata }) => this.#book.has(metadata.uid ?? ''))
      .filter(
        (server) => lastUsedTimeToWrite(server, this.#book.get(server.metadata.uid ?? '') ?? 0, now) !== undefined,
      )
      .map(({ metadata }) => metadata.name);
  }

  #use(): void {
    if (this.#weather.calm) return;
    for (const { metadata } of this.#resources.servers()) this.#book.set(metadata.uid ?? '', this.#time.now());
  }
}
