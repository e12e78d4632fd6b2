import type { Clock } from '../../src/process/clock.ts';
import type { TokenBearer } from './token-bearers.ts';

/** Which ends the bearers of tokens ever had, and since when they are gone. `now` is what an operator took for the time. */
export class Lifetimes {
  readonly #time: Clock;
  /** By uid, every `expiresAt`, `null` for none: a decision may be older than an edit. */
  readonly #ends = new Map<string, Set<number | null>>();
  #alive = new Set<string>();
  readonly #goneAt = new Map<string, number>();

  constructor(time: Clock) {
    this.#time = time;
  }

  /** These exist now. Call it after every change. */
  see(bearers: readonly TokenBearer[]): void {
    const alive = new Set<string>();
    for (const { metadata, spec } of bearers) {
      const { uid = '' } = metadata;
      alive.add(uid);
      const ends = this.#ends.get(uid) ?? new Set();
      ends.add(spec.expiresAt === undefined ? null : Date.parse(spec.expiresAt));
      this.#ends.set(uid, ends);
    }
    for (const uid of this.#alive) if (!alive.has(uid)) this.#goneAt.set(uid, this.#time.monotonic());
    this.#alive = alive;
  }

  /** Milliseconds since the resource left the API; `undefined` while it is there. */
  goneForMs(uid: string): number | undefined {
    const goneAt = this.#goneAt.get(uid);
    return goneAt === undefined ? undefined : this.#time.monotonic() - goneAt;
  }

  /** Whether its spec ever said that it ends then, or, with `null`, never. */
  everEndedAt(uid: string, exp: number | null): boolean {
    return this.#ends.get(uid)?.has(exp) ?? false;
  }

  /** Its time is up, it wants to be deleted then, and it was not born expired. */
  mayDelete({ metadata, spec }: TokenBearer, now: number): boolean {
    if (spec.expiresAt === undefined || spec.expirationPolicy === 'Retain') return false;
    const end = Date.parse(spec.expiresAt);
    return end <= now && Date.parse(metadata.creationTimestamp ?? '') < end;
  }

  /** It is going, or past an end that it has or had. */
  isOver({ metadata, status }: TokenBearer, now: number): boolean {
    if (metadata.deletionTimestamp !== undefined) return true;
    const wasExpired = status?.conditions?.some(({ type }) => type === 'Expired') ?? false;
    const ends = this.#ends.get(metadata.uid ?? '') ?? [];
    return wasExpired || [...ends].some((end) => end !== null && end <= now);
  }
}
