import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher, Pool } from 'undici';
import type { Clock } from '../process/clock.ts';
import { type Deadline, type Deadlines, NOWHERE } from '../process/deadlines.ts';
import type { CallSignal } from './outcome.ts';
import type { CrispRequest } from './request.ts';

/**
 * One request and its answer on a pool: bounded in time and size, aborted with its caller, never redirected and never
 * repeated. Knows whether the request had begun to leave when it failed, which decides what a caller may say of a write.
 * An answer that is too large is no failure: its beginning is handed out, whatever its status, and the rest is stopped by
 * closing the connection, since how much would have to be read to keep it open is unknown. Nothing is compressed, for
 * nothing asks Crisp to. Both limits of time are kept here: those of the pool make timers for every request that outlive
 * it by up to a second.
 */
export interface ExchangeLimits {
  /** From the moment the request leaves to the head of the answer. */
  readonly headersMs: number;
  /** From the call to the last byte, waiting for a connection included. */
  readonly wholeMs: number;
  /** The largest body that is read in full. */
  readonly bodyBytes: number;
  /** Of a larger one this much is kept, and of one that has brought more than this and is not there in time. */
  readonly beginningBytes: number;
}

/** What is known of a body of which there is only the beginning. */
export interface Incomplete {
  readonly bytes: number;
  /** Whether `bytes` are all of it, by its `Content-Length`; otherwise so many had come when it was stopped. */
  readonly isTotal: boolean;
}

export type ExchangeResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
      /** Set when `body` is only the beginning. */
      readonly incomplete?: Incomplete;
    }
  | {
      readonly kind: 'failed';
      readonly cause: 'cancelled' | 'timed out' | 'unreachable' | 'broken off';
      /** Whether Crisp may have got the request. */
      readonly sent: boolean;
      /** Stable code of the transport's error, such as ECONNREFUSED. */
      readonly errorCode?: string;
    };

export interface ExchangeOptions {
  readonly pool: Pool;
  readonly request: CrispRequest;
  /** Names and values, one after the other. */
  readonly headers: string[];
  readonly limits: ExchangeLimits;
  readonly signal: CallSignal;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
}

export function exchange(options: ExchangeOptions): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    new Exchange(options, resolve).start();
  });
}

type FailureCause = Extract<ExchangeResult, { kind: 'failed' }>['cause'];

class Exchange implements Dispatcher.DispatchHandler, Deadline {
  readonly #options: ExchangeOptions;
  readonly #resolve: (result: ExchangeResult) => void;
  due: number;
  place = NOWHERE;
  readonly #wholeDue: number;
  readonly #onAbort = () => this.#fail('cancelled');
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #length = 0;
  #settled = false;

  constructor(options: ExchangeOptions, resolve: (result: ExchangeResult) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#wholeDue = options.clock.monotonic() + options.limits.wholeMs;
    this.due = this.#wholeDue;
    options.deadlines.add(this);
  }

  start(): void {
    const { pool, request, headers, signal } = this.#options;
    if (signal.aborted) {
      this.#fail('cancelled');
      return;
    }
    signal.addEventListener('abort', this.#onAbort);
    try {
      pool.dispatch(
        {
          method: request.method,
          path: request.path,
          headers,
          body: request.body ?? null,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        this,
      );
    } catch (error) {
      this.#fail('unreachable', errorCode(error));
    }
  }

  expire(): void {
    if (this.#length > this.#options.limits.beginningBytes) this.#stop();
    else this.#fail('timed out');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error('the caller has gone'));
      return;
    }
    this.#controller = controller;
    const { clock, limits } = this.#options;
    this.#standUntil(Math.min(this.#wholeDue, clock.monotonic() + limits.headersMs));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#settled) return;
    this.#status = status;
    this.#headers = headers;
    this.#standUntil(this.#wholeDue);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#length += chunk.length;
    this.#chunks.push(chunk);
    if (this.#length > this.#options.limits.beginningBytes && this.#isTooLarge()) this.#stop();
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#length);
    this.#settle({ kind: 'answer', status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const code = errorCode(error);
    this.#fail(this.#controller === undefined ? 'unreachable' : 'broken off', code);
  }

  /** By what has come or, sooner, by what the answer says of itself. */
  #isTooLarge(): boolean {
    const { bodyBytes } = this.#options.limits;
    return this.#length > bodyBytes || declaredLength(this.#headers) > bodyBytes;
  }

  #stop(): void {
    const declared = declaredLength(this.#headers);
    const isTotal = declared >= this.#length;
    this.#settle({
      kind: 'answer',
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks, this.#options.limits.beginningBytes),
      incomplete: { bytes: isTotal ? declared : this.#length, isTotal },
    });
    this.#abort('only the beginning is wanted');
  }

  #standUntil(due: number): void {
    const { deadlines } = this.#options;
    deadlines.remove(this);
    this.due = due;
    deadlines.add(this);
  }

  #fail(cause: FailureCause, code?: string): void {
    this.#settle({
      kind: 'failed',
      cause,
      sent: this.#controller !== undefined,
      ...(code === undefined ? {} : { errorCode: code }),
    });
    this.#abort(cause);
  }

  #abort(why: string): void {
    const controller = this.#controller;
    if (controller !== undefined && !controller.aborted) controller.abort(new Error(why));
  }

  #settle(result: ExchangeResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#options.deadlines.remove(this);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#chunks = [];
    this.#resolve(result);
  }
}

/** In bytes; `NaN`, which is neither more nor less than anything, where the answer does not say. */
function declaredLength(headers: IncomingHttpHeaders): number {
  return Number(headers['content-length']);
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
