import { AtMostEvery } from '../process/at-most-every.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { StaleEpochError } from '../routes/errors.ts';

/**
 * Whether the route store answers: since when it does not, why, and a word in the log when that changes. A store that goes
 * on failing is complained of once a minute.
 */
export interface StoreContactOptions {
  clock: Clock;
  logger: Logger;
  /** It answers again after a failure, without having been rebuilt. */
  onAnswering: () => void;
}

const COMPLAIN_EACH_MS = 60_000;

export class StoreContact {
  readonly #options: StoreContactOptions;
  readonly #complaints: AtMostEvery;
  #lastError: unknown;
  #unavailableSince: number | undefined;

  constructor(options: StoreContactOptions) {
    this.#options = options;
    this.#complaints = new AtMostEvery(options.clock, COMPLAIN_EACH_MS);
  }

  /** The last failure before it was rebuilt, if there was one. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Milliseconds since the store last answered, while it does not; `undefined` while it does. */
  unavailableForMs(): number | undefined {
    if (this.#unavailableSince === undefined) return undefined;
    return this.#options.clock.monotonic() - this.#unavailableSince;
  }

  rebuilt(): void {
    this.#unavailableSince = undefined;
    this.#complaints.reset();
    this.#lastError = undefined;
  }

  answered(): void {
    if (this.#unavailableSince === undefined) return;
    this.#unavailableSince = undefined;
    this.#complaints.reset();
    this.#options.logger.info('The route store answers again');
    this.#options.onAnswering();
  }

  failed(error: unknown): void {
    const { clock, logger } = this.#options;
    this.#lastError = error;
    this.#unavailableSince ??= clock.monotonic();
    if (error instanceof StaleEpochError || !this.#complaints.claim()) return;
    logger.warn('The route store does not answer; it is tried again each second', { error });
  }
}
