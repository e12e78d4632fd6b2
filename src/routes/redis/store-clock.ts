import { type Clock, delay, type Timer } from '../../process/clock.ts';

/**
 * What the clock of Redis says now, measured with each connection and every 30 s: the server's time against the middle of
 * the round trip. Between two measurements the store's clock is carried on by our monotonic one, so that a step of our
 * wall clock shows at once as a difference and moves no instant. A measurement is off by at most half its round trip;
 * slow ones count only while there is no better.
 */
export interface TimedLink {
  /** Another value for each connection. */
  readonly session: unknown;
  listen(listener: { up(): void; down(): void }): void;
}

const INTERVAL = 30_000;
const RETRY = 1000;
const SLOWEST = 500;

export class StoreClock {
  readonly #link: TimedLink;
  readonly #readTime: () => Promise<readonly (string | number)[]>;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  /** Wall clock of the store at monotonic zero. */
  #origin: number | undefined;
  readonly #first = Promise.withResolvers<void>();

  constructor(options: {
    link: TimedLink;
    /** Sends TIME: seconds and microseconds. */
    readTime: () => Promise<readonly (string | number)[]>;
    clock: Clock;
  }) {
    const { link, readTime, clock } = options;
    this.#link = link;
    this.#readTime = readTime;
    this.#clock = clock;
    link.listen({ up: () => void this.#measure(), down: () => this.#timer?.cancel() });
  }

  /** Store clock minus local clock, milliseconds; `undefined` before the first measurement. */
  get offset(): number | undefined {
    return this.#origin === undefined ? undefined : this.#origin + this.#clock.monotonic() - this.#clock.now();
  }

  /** Resolves when there is a measurement or the time is up. */
  async untilMeasured(milliseconds: number): Promise<void> {
    if (this.#origin === undefined) await Promise.race([this.#first.promise, delay(this.#clock, milliseconds)]);
  }

  close(): void {
    this.#timer?.cancel();
  }

  async #measure(): Promise<void> {
    const { session } = this.#link;
    if (session === undefined) return;
    this.#timer?.cancel();
    const sent = this.#clock.monotonic();
    let exact = false;
    try {
      const [seconds, microseconds] = await this.#readTime();
      const roundTrip = this.#clock.monotonic() - sent;
      exact = roundTrip <= SLOWEST;
      const storeTime = Number(seconds) * 1000 + Number(microseconds) / 1000;
      if (exact || this.#origin === undefined) this.#origin = storeTime - (sent + roundTrip / 2);
      this.#first.resolve();
    } catch {
      exact = false;
    }
    if (this.#link.session !== session) return;
    this.#timer = this.#clock.setTimer(exact ? INTERVAL : RETRY, () => void this.#measure());
  }
}
