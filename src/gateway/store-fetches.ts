import type { Clock } from '../process/clock.ts';
import { TamperedRecordError } from '../routes/errors.ts';

/**
 * The reads that the gateway has under way at its route store. Guarantees: one at a time for a key, however many ask; one
 * that an invalidation overtakes is not kept; one that shows an unverified store is reported, and the store left alone
 * for a moment; each is bounded in time, and so is their number.
 */
export type UnavailableCause = 'unverified' | 'store-failed' | 'busy' | 'changing';

export interface StoreFetchesOptions {
  clock: Clock;
  /** Of one kind, in flight at a time; more are answered `busy`. */
  maxFetches: number;
  fetchTimeout: number;
  onFetchFailed: (error: unknown) => void;
  /** The store was seen unverified: nothing that was kept may be used. */
  onUnverified: () => void;
  counts: { fetches: number; fetchesFailed: number; fetchesOvertaken: number };
}

/** While the store is unverified, how long to wait before asking it again, milliseconds. */
const UNVERIFIED_PAUSE = 100;

/** Of one kind, by what is fetched. */
export type Flights = Map<string, { promise: Promise<UnavailableCause | undefined> }>;

export class StoreFetches {
  readonly #options: StoreFetchesOptions;
  #unverifiedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: StoreFetchesOptions) {
    this.#options = options;
  }

  /** Seen unverified a moment ago. */
  get pausing(): boolean {
    return this.#options.clock.monotonic() < this.#unverifiedUntil;
  }

  endPause(): void {
    this.#unverifiedUntil = Number.NEGATIVE_INFINITY;
  }

  /** Fetches and has the answer kept; resolves to why it could not be, if so. */
  fetch<Lookup extends { verified: boolean }>(
    flights: Flights,
    key: string,
    fetch: () => Promise<Lookup>,
    keep: (lookup: Lookup | { verified: false }) => void,
  ): Promise<UnavailableCause | undefined> {
    const { clock, counts, maxFetches, onFetchFailed, onUnverified } = this.#options;
    const running = flights.get(key);
    if (running !== undefined) return running.promise;
    if (flights.size >= maxFetches) return Promise.resolve<UnavailableCause>('busy');
    counts.fetches++;
    const flight: { promise: Promise<UnavailableCause | undefined> } = { promise: Promise.resolve(undefined) };
    // An invalidation takes the flight out of the map; that is how it knows it has been overtaken.
    const land = () => flights.get(key) === flight && flights.delete(key);
    flight.promise = this.#bounded(fetch()).then(
      (lookup) => {
        if (!land()) return undefined;
        if (lookup.verified) {
          keep(lookup);
          return undefined;
        }
        onUnverified();
        this.#unverifiedUntil = clock.monotonic() + UNVERIFIED_PAUSE;
        return 'unverified';
      },
      (error: unknown) => {
        if (!land()) return undefined;
        counts.fetchesFailed++;
        onFetchFailed(error);
        if (!(error instanceof TamperedRecordError)) return 'store-failed';
        keep({ verified: false });
        return undefined;
      },
    );
    flights.set(key, flight);
    return flight.promise;
  }

  overtake(flights: Flights, key: string): void {
    if (flights.delete(key)) this.#options.counts.fetchesOvertaken++;
  }

  overtakeAll(flights: Flights): void {
    this.#options.counts.fetchesOvertaken += flights.size;
    flights.clear();
  }

  #bounded<T>(answer: Promise<T>): Promise<T> {
    const { clock, fetchTimeout } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(fetchTimeout, () => reject(new StoreTimeoutError(fetchTimeout)));
      answer.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}

export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError';
  readonly code = 'GATEWAY_STORE_TIMEOUT';
  constructor(milliseconds: number) {
    super(`The route store did not answer within ${milliseconds} ms.`);
  }
}
