import type { Clock, Timer } from '../process/clock.ts';
import type { RouteReader } from '../routes/store.ts';
import { hashToken } from '../routes/token.ts';
import type { Admission } from './admission.ts';

/**
 * Watches for the first moment at which the route store is verified and its invalidations are heard: until then the
 * gateway is not ready. Afterwards it stays ready, because taking every replica out of service when the store is lost
 * would turn answers that say "try again" into refused connections.
 */
const PAUSE = 250;
const PATIENCE = 2_000;
/** Any route that cannot exist will do for asking whether the store is verified. */
const PROBE = hashToken('');

export class FirstSync {
  readonly #reader: Pick<RouteReader, 'fetchRoute'>;
  readonly #admission: Pick<Admission, 'isStale'>;
  readonly #clock: Clock;
  #done = false;
  #stopped = false;
  #asking = false;
  #timer: Timer | undefined;

  constructor(options: {
    reader: Pick<RouteReader, 'fetchRoute'>;
    admission: Pick<Admission, 'isStale'>;
    clock: Clock;
  }) {
    this.#reader = options.reader;
    this.#admission = options.admission;
    this.#clock = options.clock;
  }

  get done(): boolean {
    return this.#done;
  }

  /** Asks now, and from then on repeatedly until the answer is yes. */
  check(): void {
    if (this.#done || this.#stopped || this.#asking) return;
    this.#timer?.cancel();
    this.#asking = true;
    void this.#ask().then((verified) => {
      this.#asking = false;
      this.#done = verified;
      if (!verified && !this.#stopped) this.#timer = this.#clock.setTimer(PAUSE, () => this.check());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(PATIENCE, () => resolve(false));
      this.#reader
        .fetchRoute(PROBE)
        .then(
          ({ verified }) => resolve(verified && !this.#admission.isStale()),
          () => resolve(false),
        )
        .finally(() => timer.cancel());
    });
  }
}
