import type { Clock, Timer } from '../../process/clock.ts';
import type { RedisLink } from './redis-link.ts';

/**
 * How far the clock of Redis is from ours, measured with each connection and every 30 s: the server's time against the
 * middle of the round trip. A measurement is off by at most half its round trip, so slow ones are thrown away.
 */
const INTERVAL = 30_000;
const RETRY = 1000;
const SLOWEST = 500;

export class StoreClock {
  readonly #link: RedisLink;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  /** Store clock minus local clock, milliseconds. */
  offset: number | undefined;

  constructor({ link, clock }: { link: RedisLink; clock: Clock }) {
    this.#link = link;
    this.#clock = clock;
    link.listen({ up: () => void this.#measure(), down: () => this.#timer?.cancel() });
  }

  close(): void {
    this.#timer?.cancel();
  }

  async #measure(): Promise<void> {
    const { session } = this.#link;
    if (session === undefined) return;
    this.#timer?.cancel();
    const sent = this.#clock.monotonic();
    let measured = false;
    try {
      const [seconds, microseconds] = await this.#link.call('read the time', ({ client }) => client.time());
      const roundTrip = this.#clock.monotonic() - sent;
      measured = roundTrip <= SLOWEST;
      const middle = this.#clock.now() - roundTrip / 2;
      if (measured) this.offset = Number(seconds) * 1000 + Number(microseconds) / 1000 - middle;
    } catch {
      measured = false;
    }
    if (this.#link.session !== session) return;
    this.#timer = this.#clock.setTimer(measured ? INTERVAL : RETRY, () => void this.#measure());
  }
}
