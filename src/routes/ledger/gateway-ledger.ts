import { LRUCache } from 'lru-cache';
import { AtMostEvery } from '../../process/at-most-every.ts';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';

/**
 * What the gateways tell each other: how many of them there are, and sums over all of them. Everything here happens in
 * memory; once every two seconds it is exchanged with the store, beside the requests and never for one. Guarantees:
 * nothing waits for the store; memory is bounded; each amount is counted at most once, since a batch whose fate is
 * unknown is not sent again but added to `lost`. Assumes that its users can bear figures two seconds old.
 */
export interface LedgerBook {
  /** Lower case, digits, `-` and `:`; part of a key. */
  readonly name: string;
  /** Seconds after its last entry for which the store keeps it. */
  readonly keepFor: number;
}

export interface LedgerBatch {
  /** Amounts to add, by field. */
  readonly amounts: ReadonlyMap<LedgerBook, ReadonlyMap<string, number>>;
  /** Instants of which the latest counts, by field. */
  readonly instants: ReadonlyMap<LedgerBook, ReadonlyMap<string, number>>;
}

export interface LedgerReply {
  /** Gateways that have been heard of within {@link REPLICA_LIFE}, the one that asks among them. */
  readonly replicas: number;
  /** The new sums of the amounts in the batch. */
  readonly totals: ReadonlyMap<LedgerBook, ReadonlyMap<string, number>>;
}

/** Where ledgers meet: Redis, or memory for one process. Exchanges of one ledger do not overlap. */
export interface LedgerStore {
  /** Whether an exchange has a chance at present. */
  readonly reachable: boolean;
  exchange(replica: string, batch: LedgerBatch): Promise<LedgerReply>;
  /** Takes the replica off the list. */
  leave(replica: string): Promise<void>;
  close(): void;
}

export interface GatewayLedgerOptions {
  store: LedgerStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Most fields that wait for an exchange. */
  maxEntries?: number;
}

/** Between two exchanges, milliseconds. */
export const EXCHANGE_INTERVAL = 2_000;
/** How long a replica counts as live after its last exchange, milliseconds. */
export const REPLICA_LIFE = 7_000;
const FIRST_INTERVAL = 100;
const MOST_AT_ONCE = 2_000;
/** Whoever joins or forgets is seen late, never a share too large: of the last replies the highest counts. */
const REPLIES_KEPT = 3;
const MAX_TOTALS = 20_000;
const CLOSE_WITHIN = 1_000;
const COMPLAIN_EACH_MS = 60_000;

type Waiting = Map<LedgerBook, Map<string, number>>;

export class GatewayLedger {
  readonly replica: string;
  readonly #options: Required<GatewayLedgerOptions>;
  readonly #complaints: AtMostEvery;
  readonly #totals = new LRUCache<string, number>({ max: MAX_TOTALS });
  #amounts: Waiting = new Map();
  #instants: Waiting = new Map();
  #entries = 0;
  #lost = 0;
  #replies: number[] = [];
  #exchanging: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: GatewayLedgerOptions) {
    this.#options = { maxEntries: 10_000, ...options };
    this.#complaints = new AtMostEvery(options.clock, COMPLAIN_EACH_MS);
    this.replica = options.random.bytes(6).toString('hex');
    this.#schedule(0);
  }

  /** Live gateways, this one among them; while the store is away, as many as there were. */
  get replicas(): number {
    return Math.max(1, ...this.#replies);
  }

  /** Entries that never reached the store, or that nobody knows of whether they did. */
  get lost(): number {
    return this.#lost;
  }

  get waiting(): number {
    return this.#entries;
  }

  add(book: LedgerBook, field: string, amount = 1): void {
    this.#enter(this.#amounts, book, field, (present) => (present ?? 0) + amount);
  }

  /** Notes when something happened last, milliseconds since the Unix epoch. */
  note(book: LedgerBook, field: string, instant: number): void {
    this.#enter(this.#instants, book, field, (present) => Math.max(present ?? 0, instant));
  }

  /** The sum over all gateways as last heard, and what waits here; `undefined` when nothing is known of it. */
  total(book: LedgerBook, field: string): number | undefined {
    const known = this.#totals.get(totalKey(book, field));
    const waiting = this.#amounts.get(book)?.get(field);
    return known === undefined && waiting === undefined ? undefined : (known ?? 0) + (waiting ?? 0);
  }

  /** Writes what is left, within a bound. */
  async close(): Promise<void> {
    const { store, clock } = this.#options;
    this.#closed = true;
    this.#timer?.cancel();
    const { promise: patienceOver, resolve } = Promise.withResolvers<void>();
    const patience = clock.setTimer(CLOSE_WITHIN, resolve);
    const ending = async () => {
      await this.#exchanging;
      if (this.#entries > 0) await this.#exchange();
      if (store.reachable) await store.leave(this.replica);
    };
    await Promise.race([ending().catch(() => undefined), patienceOver]);
    patience.cancel();
    this.#lost += this.#entries;
    this.#entries = 0;
    store.close();
  }

  #enter(waiting: Waiting, book: LedgerBook, field: string, next: (present: number | undefined) => number): void {
    let fields = waiting.get(book);
    const present = fields?.get(field);
    if (present === undefined) {
      if (this.#entries >= this.#options.maxEntries || this.#closed) {
        this.#lose(1, new Error('too many entries wait for the store'));
        return;
      }
      this.#entries++;
    }
    if (fields === undefined) {
      fields = new Map();
      waiting.set(book, fields);
    }
    fields.set(field, next(present));
  }

  #schedule(milliseconds: number): void {
    this.#timer = this.#options.clock.setTimer(milliseconds, () => {
      this.#exchanging = this.#exchange().finally(() => {
        this.#exchanging = undefined;
        if (!this.#closed) this.#schedule(this.#pause());
      });
    });
  }

  #pause(): number {
    // Until it has heard of the others a gateway believes that it is alone.
    if (this.#replies.length === 0) return FIRST_INTERVAL;
    return this.#entries >= MOST_AT_ONCE && this.#options.store.reachable ? 0 : EXCHANGE_INTERVAL;
  }

  async #exchange(): Promise<void> {
    const { store } = this.#options;
    if (!store.reachable) return;
    const batch = { amounts: take(this.#amounts, MOST_AT_ONCE), instants: take(this.#instants, MOST_AT_ONCE) };
    const entries = size(batch.amounts) + size(batch.instants);
    this.#entries -= entries;
    try {
      const { replicas, totals } = await store.exchange(this.replica, batch);
      this.#replies = [...this.#replies, replicas].slice(-REPLIES_KEPT);
      for (const [book, fields] of totals) {
        for (const [field, total] of fields) this.#totals.set(totalKey(book, field), total);
      }
    } catch (error) {
      this.#lose(entries, error);
    }
  }

  #lose(entries: number, error: unknown): void {
    this.#lost += entries;
    if (!this.#complaints.claim()) return;
    this.#options.logger.warn('the ledger of the gateways cannot be kept', { lost: this.#lost, error });
  }
}

function totalKey({ name }: LedgerBook, field: string): string {
  return `${name} ${field}`;
}

/** The first entries, removed from where they waited. */
function take(waiting: Waiting, most: number): Waiting {
  const taken: Waiting = new Map();
  let left = most;
  for (const [book, fields] of waiting) {
    if (left === 0) break;
    const part = new Map([...fields].slice(0, left));
    for (const field of part.keys()) fields.delete(field);
    if (fields.size === 0) waiting.delete(book);
    taken.set(book, part);
    left -= part.size;
  }
  return taken;
}

function size(batch: ReadonlyMap<LedgerBook, ReadonlyMap<string, number>>): number {
  let entries = 0;
  for (const fields of batch.values()) entries += fields.size;
  return entries;
}
