import type { Clock } from '../../process/clock.ts';
import { type LedgerBook, type LedgerReply, type LedgerStore, REPLICA_LIFE } from './gateway-ledger.ts';

/** The ledger of gateways that live in one process: standalone mode, where there is one, and simulations. */
export class MemoryLedgerStore implements LedgerStore {
  readonly #clock: Clock;
  readonly #replicas = new Map<string, number>();
  readonly #books = new Map<string, { fields: Map<string, number>; until: number }>();
  reachable = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  exchange(...[replica, { amounts, instants }]: Parameters<LedgerStore['exchange']>): Promise<LedgerReply> {
    const now = this.#clock.monotonic();
    if (!this.reachable) return Promise.reject(new Error('the ledger is out of reach'));
    this.#replicas.set(replica, now);
    for (const [name, seen] of this.#replicas) if (seen <= now - REPLICA_LIFE) this.#replicas.delete(name);
    for (const [name, { until }] of this.#books) if (until <= now) this.#books.delete(name);
    const totals = new Map<LedgerBook, ReadonlyMap<string, number>>();
    for (const [book, added] of amounts) {
      const fields = this.#open(book, now);
      for (const [field, amount] of added) fields.set(field, (fields.get(field) ?? 0) + amount);
      totals.set(book, new Map([...added.keys()].map((field) => [field, fields.get(field) ?? 0])));
    }
    for (const [book, noted] of instants) {
      const fields = this.#open(book, now);
      for (const [field, instant] of noted) fields.set(field, Math.max(fields.get(field) ?? 0, instant));
    }
    return Promise.resolve({ replicas: this.#replicas.size, totals });
  }

  leave(replica: string): Promise<void> {
    this.#replicas.delete(replica);
    return Promise.resolve();
  }

  /** What a book holds. */
  read(name: string): ReadonlyMap<string, number> {
    return this.#books.get(name)?.fields ?? new Map();
  }

  close(): void {}

  #open({ name, keepFor }: LedgerBook, now: number): Map<string, number> {
    const fields = this.#books.get(name)?.fields ?? new Map<string, number>();
    this.#books.set(name, { fields, until: now + keepFor * 1_000 });
    return fields;
  }
}
