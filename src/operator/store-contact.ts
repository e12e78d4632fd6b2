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
  #lastError: unknown;
  #unavailableSince: number | undefined;
  /** Until then a failing store is not complained of again. */
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(options: StoreContactOptions) {
    this.#options = options;
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
    this.#quietUntil = Number.NEGATIVE_INFINITY;
    this.#lastError = undefined;
  }

  answered(): void {
    if (this.#unavailableSince === undefined) return;
    this.#unavailableSince = undefined;
    this.#quietUntil = Number.NEGATIVE_INFINITY;
    this.#options.logger.info('The route store answers again');
    this.#options.onAnswering();
  }

  failed(error: unknown): void {
    const { clock, logger } = this.#options;
    const now = clock.monotonic();
    this.#lastError = error;
    this.#unavailableSince ??= now;
    if (now < this.#quietUntil || error instanceof StaleEpochError) return;
    this.#quietUntil = now + COMPLAIN_EACH_MS;
    logger.warn('The route store does not answer; it is tried again each second', { error });
  }
}
