import type { Clock, Timer } from '../process/clock.ts';

/**
 * One line of JSON a request, written in batches because a write a request would cost as much as the request. A line
 * names the server and the token's fingerprint; it never holds the token, the path, arguments or results. What a client
 * says of itself is cut and cleared of anything that looks like a token. When the destination throws, lines are lost and
 * counted; requests go on.
 */
export interface AccessRecord {
  /** Wall clock, milliseconds. */
  readonly time: number;
  readonly fingerprint: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly method: string;
  readonly rpc: string;
  readonly tool: string | undefined;
  readonly status: number;
  readonly outcome: string;
  readonly durationMs: number;
  readonly bytes: number;
  readonly client: string | undefined;
  readonly version: string | undefined;
}

export interface AccessLogDestination {
  write(text: string): unknown;
}

const FLUSH_AT = 64 * 1_024;
const FLUSH_AFTER = 250;
const TOKEN_LIKE = /[A-Za-z0-9_-]{32,}/g;

export class AccessLog {
  readonly #destination: AccessLogDestination;
  readonly #clock: Clock;
  #pending = '';
  #lines = 0;
  #timer: Timer | undefined;
  #lost = 0;

  constructor(options: { destination: AccessLogDestination; clock: Clock }) {
    this.#destination = options.destination;
    this.#clock = options.clock;
  }

  get lost(): number {
    return this.#lost;
  }

  write(record: AccessRecord): void {
    this.#pending += lineOf(record);
    this.#lines++;
    if (this.#pending.length >= FLUSH_AT) this.flush();
    else this.#timer ??= this.#clock.setTimer(FLUSH_AFTER, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const text = this.#pending;
    const lines = this.#lines;
    this.#pending = '';
    this.#lines = 0;
    if (text === '') return;
    try {
      this.#destination.write(text);
    } catch {
      this.#lost += lines;
    }
  }
}

function lineOf(record: AccessRecord): string {
  const server =
    record.fingerprint === undefined
      ? ''
      : `,"fingerprint":"${record.fingerprint}","namespace":"${record.namespace}","name":"${record.name}"`;
  const tool = record.tool === undefined ? '' : `,"tool":"${record.tool}"`;
  const version = record.version === undefined ? '' : `,"version":"${record.version}"`;
  const client =
    record.client === undefined ? '' : `,"client":${JSON.stringify(record.client.replace(TOKEN_LIKE, '…'))}`;
  return `{"level":"info","time":"${isoTime(record.time)}","process":"gateway"${server},"method":"${record.method}","rpc":"${record.rpc}"${tool},"status":${record.status},"outcome":"${record.outcome}","durationMs":${Math.round(record.durationMs * 100) / 100},"bytes":${record.bytes}${version}${client},"message":"request"}\n`;
}

let second = Number.NaN;
let secondText = '';

/** `toISOString`, but the text of a second is made once. */
function isoTime(time: number): string {
  const current = Math.floor(time / 1_000);
  if (current !== second) {
    second = current;
    secondText = new Date(current * 1_000).toISOString().slice(0, 20);
  }
  return `${secondText}${String(time - current * 1_000).padStart(3, '0')}Z`;
}
