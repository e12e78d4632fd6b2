import type { Clock, Timer } from '../process/clock.ts';
import type { Random } from '../process/random.ts';
import { isoTime } from './iso-time.ts';
import { quotedWithoutSecrets } from './secret-like.ts';

/**
 * One line of JSON a request, written in batches because a write a request would cost as much as the request, and encoded
 * at once because a text would wait in thirty pieces, which each garbage collection copies. A line names the server and
 * the token's fingerprint; it never holds the token, the path, arguments or results. What a client says of itself is cut
 * and cleared of anything that looks like a token. Of requests that succeed it may show a random share, and then says
 * which; all others are always there. When the destination throws, lines are lost and counted; requests go on.
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
  /** The bytes are not used again by whoever calls. */
  write(lines: Buffer): unknown;
}

const BATCH_BYTES = 64 * 1_024;
const FLUSH_AFTER = 250;
/** Of a character in UTF-8, by UTF-16 code unit. */
const MOST_BYTES_A_CHARACTER = 3;

export class AccessLog {
  readonly #destination: AccessLogDestination;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sample: number;
  readonly #sampleField: string;
  #batch: Buffer | undefined;
  #bytes = 0;
  #lines = 0;
  #timer: Timer | undefined;
  #lost = 0;

  constructor(options: { destination: AccessLogDestination; clock: Clock; random: Random; sample?: number }) {
    this.#destination = options.destination;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#sample = options.sample ?? 1;
    this.#sampleField = this.#sample < 1 ? `,"sample":${this.#sample}` : '';
  }

  get lost(): number {
    return this.#lost;
  }

  write(record: AccessRecord): void {
    const isError = record.status >= 400 || record.outcome !== 'ok';
    if (!isError && this.#sample < 1 && this.#random.fraction() >= this.#sample) return;
    const line = lineOf(record, isError ? '' : this.#sampleField);
    if (this.#bytes + MOST_BYTES_A_CHARACTER * line.length > BATCH_BYTES) this.flush();
    this.#batch ??= Buffer.allocUnsafeSlow(BATCH_BYTES);
    this.#bytes += this.#batch.write(line, this.#bytes);
    this.#lines++;
    this.#timer ??= this.#clock.setTimer(FLUSH_AFTER, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const written = this.#batch?.subarray(0, this.#bytes);
    const lines = this.#lines;
    this.#batch = undefined;
    this.#bytes = 0;
    this.#lines = 0;
    if (written === undefined) return;
    try {
      this.#destination.write(written);
    } catch {
      this.#lost += lines;
    }
  }
}

function lineOf(record: AccessRecord, sample: string): string {
  const server =
    record.fingerprint === undefined
      ? ''
      : `,"fingerprint":"${record.fingerprint}","namespace":"${record.namespace}","name":"${record.name}"`;
  const tool = record.tool === undefined ? '' : `,"tool":"${record.tool}"`;
  const version = record.version === undefined ? '' : `,"version":"${record.version}"`;
  const client = record.client === undefined ? '' : `,"client":${quotedWithoutSecrets(record.client)}`;
  return `{"level":"info","time":"${isoTime(record.time)}","process":"gateway"${server},"method":"${record.method}","rpc":"${record.rpc}"${tool},"status":${record.status},"outcome":"${record.outcome}","durationMs":${Math.round(record.durationMs * 100) / 100},"bytes":${record.bytes}${version}${client}${sample},"message":"request"}\n`;
}
