import type { GatewayLedger, LedgerBook } from '../routes/ledger/gateway-ledger.ts';
import { callsOn, DAY, dayOf, LAST_USE } from '../routes/ledger/usage-books.ts';

/**
 * Notes the use of servers in the ledger, which takes it to Redis every two seconds. Less important than what else the
 * ledger carries: when much waits there, uses go unnoted and are counted, so limits and quotas keep their place.
 */
export class Usage {
  readonly #ledger: Pick<GatewayLedger, 'add' | 'note' | 'waiting'>;
  readonly #mostWaiting: number;
  #day = Number.NaN;
  #calls: LedgerBook = callsOn('');
  #unnoted = 0;

  constructor(options: { ledger: Pick<GatewayLedger, 'add' | 'note' | 'waiting'>; mostWaiting?: number }) {
    this.#ledger = options.ledger;
    this.#mostWaiting = options.mostWaiting ?? 7_000;
  }

  /** Requests and calls whose server's figures miss them. */
  get unnoted(): number {
    return this.#unnoted;
  }

  /** A request of a live server, whatever was answered. */
  request(serverUid: string, time: number): void {
    if (this.#isFull()) return;
    this.#ledger.note(LAST_USE, serverUid, time);
  }

  call(serverUid: string, time: number): void {
    if (this.#isFull()) return;
    const day = Math.floor(time / DAY);
    if (day !== this.#day) {
      this.#day = day;
      this.#calls = callsOn(dayOf(time));
    }
    this.#ledger.add(this.#calls, serverUid);
  }

  #isFull(): boolean {
    if (this.#ledger.waiting < this.#mostWaiting) return false;
    this.#unnoted++;
    return true;
  }
}
