import { IncomingMessage } from 'node:http';
import type { Clock, Timer } from '../process/clock.ts';

/**
 * A request of `node:http` whose body is gathered whole, without the events, ticks and buffers of a stream, which cost a
 * small request about as much as making its answer. Node's parser hands every piece to `push`, as it does for any
 * Readable, and that is where the gathering happens. Until somebody asks for the body little of it is taken in, so that a
 * client which is going to be refused cannot fill memory. More than the limit is never held: what exceeds it is discarded
 * for a moment before the answer, because a client that is still sending would lose an answer followed by a reset. How
 * long a whole request may take is bounded by the server's `requestTimeout`.
 */
export type Body =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'aborted' };

/** Bytes taken in before anybody asks. */
const UNASKED = 64 * 1_024;
const DISCARD_FACTOR = 4;
/** Milliseconds. */
const DISCARD_FOR = 1_000;
const EMPTY = Buffer.alloc(0);
const ABORTED: Body = { kind: 'aborted' };
const TOO_LARGE: Body = { kind: 'too-large' };

interface Asked {
  readonly limit: number;
  readonly clock: Clock;
  readonly settle: (body: Body) => void;
}

export class GatheredRequest extends IncomingMessage {
  #asked: Asked | undefined;
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;
  #size = 0;
  #ended = false;
  /** Beyond the limit, or nobody wants it any more. */
  #discards = false;
  #timer: Timer | undefined;

  /**
   * Calls `settle` once, with at most `limit` bytes: at once when the body is there already, otherwise as soon as it is.
   * To be called once.
   */
  gather(limit: number, clock: Clock, settle: (body: Body) => void): void {
    this.#asked = { limit, clock, settle };
    if (this.destroyed) this.#finish(ABORTED);
    else if (this.#ended) this.#finish(this.#size > limit ? TOO_LARGE : this.#whole());
    else if (this.#size > limit || Number(this.headers['content-length'] ?? 0) > limit) this.#discard();
    if (this.#size > UNASKED) this._read(0);
  }

  /** From Node's parser: a piece of the body, or `null` at its end. `false` asks for no more until `_read`. */
  override push(piece: Buffer | null): boolean {
    if (piece === null) {
      this.#ended = true;
      if (this.#asked !== undefined) this.#finish(this.#discards ? TOO_LARGE : this.#whole());
      return true;
    }
    this.#size += piece.length;
    if (!this.#discards) this.#keep(piece);
    const asked = this.#asked;
    if (asked === undefined) return this.#discards || this.#size <= UNASKED;
    if (this.#size > asked.limit) this.#discard();
    if (this.#size > asked.limit * DISCARD_FACTOR) this.#finish(TOO_LARGE);
    return true;
  }

  /** Whether the parser has seen the end of the body. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** From Node, when the answer has left and nobody has read the body: the rest is read and thrown away. */
  _dump(): void {
    this.#release();
    if (this.#size > UNASKED && !this.#ended) this._read(0);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#asked !== undefined) this.#finish(ABORTED);
    super._destroy(error, callback);
  }

  #keep(piece: Buffer): void {
    if (this.#first === undefined) this.#first = piece;
    else if (this.#rest === undefined) this.#rest = [piece];
    else this.#rest.push(piece);
  }

  #whole(): Body {
    const first = this.#first ?? EMPTY;
    return {
      kind: 'read',
      bytes: this.#rest === undefined ? first : Buffer.concat([first, ...this.#rest], this.#size),
    };
  }

  #discard(): void {
    if (this.#discards) return;
    this.#release();
    this.#timer = this.#asked?.clock.setTimer(DISCARD_FOR, () => this.#finish(TOO_LARGE));
  }

  #release(): void {
    this.#discards = true;
    this.#first = undefined;
    this.#rest = undefined;
  }

  #finish(body: Body): void {
    const { settle } = this.#asked ?? {};
    this.#asked = undefined;
    this.#timer?.cancel();
    this.#release();
    settle?.(body);
  }
}

/** Node asks this before it lets go of a request; its types know a property and no accessor, hence not in the class. */
Object.defineProperty(GatheredRequest.prototype, 'readableEnded', {
  get(this: GatheredRequest): boolean {
    return this.hasEnded;
  },
});
