import type { SimulatedProcess } from './simulated-process.ts';

/** Which epochs were taken from the store as it now is, and by whom: what the store's own fence is held against. */
export class Fence {
  readonly #owners = new Map<number, SimulatedProcess>();
  #highest = 0;

  taken(epoch: number, by: SimulatedProcess): void {
    this.#owners.set(epoch, by);
    this.#highest = Math.max(this.#highest, epoch);
  }

  /** The store came back with another memory. */
  restored(epoch: number): void {
    this.#highest = epoch;
  }

  isOvertaken(epoch: number): boolean {
    return epoch < this.#highest;
  }

  /** Whether no other took an epoch since this one did. */
  isLatest(process: SimulatedProcess): boolean {
    return this.#owners.get(this.#highest) === process;
  }
}
