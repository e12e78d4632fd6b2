import { AtMostEvery } from '../../process/at-most-every.ts';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { type AuditRecord, auditLine } from './audit-record.ts';
import type { AuditSink } from './audit-sink.ts';

/**
 * Keeps audit records until the sink has them: in batches, one write at a time, tried again until it succeeds. The
 * backlog is bounded in number and in characters; a record for which there is no room is lost, counted, and said in the
 * log. When the audit is required, a call must ask for its place first ({@link AuditTrail.begin}) and gets none while
 * the backlog is full or the sink has failed, has been silent for long or has not yet proved that it works: so no record
 * of a call is lost while the process lives. Records are never sampled.
 */
export interface AuditTrailOptions {
  sink: AuditSink;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Calls that cannot be recorded must not be made. */
  required?: boolean;
  /** Most records that wait, and their characters. */
  maxRecords?: number;
  maxCharacters?: number;
}

const FLUSH_AFTER = 200;
const FLUSH_AT = 200;
const MOST_AT_ONCE = 1_000;
const RETRY_AFTER = 1_000;
/** A write that takes longer counts as a failure when a call asks whether it may begin, milliseconds. */
const SILENT_AFTER = 5_000;
/** At the end of the process: how long the rest may take, milliseconds. */
const CLOSE_WITHIN = 3_000;
const COMPLAIN_EACH_MS = 10_000;

export class AuditTrail {
  readonly required: boolean;
  readonly #sink: AuditSink;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #complaints: AtMostEvery;
  readonly #maxRecords: number;
  readonly #maxCharacters: number;
  readonly #instance: string;
  #waiting: string[] = [];
  #characters = 0;
  #reserved = 0;
  #records = 0;
  #written = 0;
  #lost = 0;
  #refused = 0;
  #failing = true;
  #writingSince: number | undefined;
  #writing: Promise<void> | undefined;
  #timer: Timer | undefined;

  constructor(options: AuditTrailOptions) {
    this.required = options.required ?? false;
    this.#sink = options.sink;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#complaints = new AtMostEvery(options.clock, COMPLAIN_EACH_MS);
    this.#maxRecords = options.maxRecords ?? 10_000;
    this.#maxCharacters = options.maxCharacters ?? 16 * 2 ** 20;
    this.#instance = options.random.bytes(6).toString('hex');
    this.#flush();
  }

  /** Records that the sink has acknowledged. */
  get written(): number {
    return this.#written;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Calls that were not made because they could not be recorded. */
  get refused(): number {
    return this.#refused;
  }

  /** Records that wait for the sink. */
  get backlog(): number {
    return this.#waiting.length;
  }

  get failing(): boolean {
    const since = this.#writingSince;
    return this.#failing || (since !== undefined && this.#clock.monotonic() - since > SILENT_AFTER);
  }

  /** Whether a call may be made. After `true`, exactly one {@link record} must follow. */
  begin(): boolean {
    if (this.required) {
      if (this.failing || this.#isFull(this.#waiting.length + this.#reserved)) {
        this.#refused++;
        return false;
      }
      this.#reserved++;
    }
    return true;
  }

  record(record: AuditRecord): void {
    const id = `${this.#instance}-${++this.#records}`;
    if (this.required) this.#reserved--;
    else if (this.#isFull(this.#waiting.length)) {
      this.#lose(1);
      return;
    }
    const line = auditLine(id, record);
    this.#waiting.push(line);
    this.#characters += line.length;
    if (this.#waiting.length >= FLUSH_AT && !this.#failing) this.#flush();
    else this.#timer ??= this.#clock.setTimer(FLUSH_AFTER, () => this.#flush());
  }

  /** Writes what is left, within a bound; what then remains is lost. */
  async close(): Promise<void> {
    const { promise: patienceOver, resolve } = Promise.withResolvers<void>();
    const patience = this.#clock.setTimer(CLOSE_WITHIN, resolve);
    let over = false;
    void patienceOver.then(() => {
      over = true;
    });
    while (this.#waiting.length > 0 && !over) {
      this.#flush();
      await Promise.race([this.#writing, patienceOver]);
      if (this.#failing) break;
    }
    patience.cancel();
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#waiting.length > 0) this.#lose(this.#waiting.length);
    await this.#sink.close();
  }

  #isFull(records: number): boolean {
    return records >= this.#maxRecords || this.#characters >= this.#maxCharacters;
  }

  #lose(records: number): void {
    this.#lost += records;
    this.#complain('audit records are lost', { lost: this.#lost });
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writing ??= Promise.resolve().then(() => this.#write());
  }

  async #write(): Promise<void> {
    this.#writingSince = this.#clock.monotonic();
    const batch = this.#waiting.slice(0, MOST_AT_ONCE);
    try {
      await this.#sink.write(batch);
      this.#waiting = this.#waiting.slice(batch.length);
      for (const line of batch) this.#characters -= line.length;
      this.#written += batch.length;
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      this.#complain('audit records cannot be written; they wait and are tried again', { error });
    }
    this.#writing = undefined;
    this.#writingSince = undefined;
    if (this.#failing) this.#timer ??= this.#clock.setTimer(RETRY_AFTER, () => this.#flush());
    else if (this.#waiting.length >= FLUSH_AT) this.#flush();
    else if (this.#waiting.length > 0) this.#timer ??= this.#clock.setTimer(FLUSH_AFTER, () => this.#flush());
  }

  #complain(message: string, fields: Record<string, unknown>): void {
    if (!this.#complaints.claim()) return;
    this.#logger.error(message, { backlog: this.#waiting.length, ...fields });
  }
}
