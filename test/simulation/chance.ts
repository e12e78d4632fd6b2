import type { Random } from '../../src/process/random.ts';
import { seededRandom } from '../../src/process/random.ts';

/** Seeded decisions of the simulation. Streams are forked, so that what one part draws moves no other part's luck. */
export class Chance implements Random {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  bytes(length: number): Buffer {
    return this.#random.bytes(length);
  }

  fraction(): number {
    return this.#random.fraction();
  }

  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** Spread over orders of magnitude: as many draws below the geometric mean as above it. */
  duration(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.fraction());
  }

  oneOf<T>(options: readonly [T, ...T[]]): T {
    return options[this.between(0, options.length - 1)] ?? options[0];
  }

  /** One of the options, each as likely as its weight. */
  weighted<T>(options: readonly [readonly [number, T], ...(readonly [number, T])[]]): T {
    let left = this.fraction() * options.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, option] of options) {
      left -= weight;
      if (left < 0) return option;
    }
    return options[0][1];
  }

  fork(): Chance {
    return new Chance(Math.floor(this.fraction() * 2 ** 32));
  }
}
