import { LRUCache } from 'lru-cache';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Random } from '../process/random.ts';
import { apiVersionOf, type KubernetesObject } from '../resources/object.ts';
import { boundedCall } from './bounded-call.ts';
import { type EventObject, eventType, microTime } from './core-types.ts';
import { isApiError, type ObjectApi } from './object-api.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Tells users through Kubernetes events what happened to their objects. `record` returns at once and never throws:
 * events are sent one after the other in the background, repetitions of one become a series on it, and what is too
 * much (for one object, or altogether) is dropped and counted. A failure is logged and counted; nothing depends on it.
 */
export interface EventRecorderOptions {
  api: Pick<ObjectApi, 'create' | 'mergePatch'>;
  /** A qualified name, `crispmcp.io/operator`. */
  controller: string;
  /** Which replica: the Pod's name. */
  instance: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  observer?: EventRecorderObserver;
}

export interface EventRecorderObserver {
  sent?(type: EventNote['type']): void;
  /** `rate`: too many about one object. `overflow`: too many wait. `closed`: recorded during shutdown. */
  dropped?(why: 'rate' | 'overflow' | 'closed'): void;
  failed?(): void;
}

export interface EventNote {
  readonly regarding: KubernetesObject;
  readonly type: 'Normal' | 'Warning';
  /** Why, in CamelCase from a closed set; as on the condition. */
  readonly reason: string;
  /** What was done or tried, in CamelCase. */
  readonly action: string;
  /** For people; never a token or key. Cut to 1 kB. */
  readonly note: string;
}

interface Series {
  event: EventObject;
  count: number;
  /** The count the API knows; 0 before the event is created. */
  sent: number;
  lastAt: number;
}

const LONGEST_NOTE_BYTES = 1024;
const LONGEST_NAME = 253;
const LONGEST_FIELD = 128;
/** Well under the hour that an API server keeps events. */
const SERIES_IDLE_MS = 30 * 60_000;
const SERIES_KEPT = 4096;
const LONGEST_BACKLOG = 4096;
/** client-go's limits for one object: 25 at once, then one each five minutes. */
const BURST_PER_OBJECT = 25;
const PER_SECOND_PER_OBJECT = 1 / 300;
const CALL_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #observer: EventRecorderObserver;
  readonly #series = new LRUCache<string, Series>({ max: SERIES_KEPT });
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: SERIES_KEPT });
  readonly #backlog = new Set<Series>();
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#observer = options.observer ?? {};
  }

  record(what: EventNote): void {
    if (this.#closed) {
      this.#observer.dropped?.('closed');
      return;
    }
    const { clock } = this.#options;
    const series = this.#seriesOf({ ...what, note: cut(what.note) });
    series.count += 1;
    series.lastAt = clock.monotonic();
    if (!this.#bucketOf(what.regarding).tryTake()) this.#observer.dropped?.('rate');
    else if (this.#backlog.size >= LONGEST_BACKLOG) this.#observer.dropped?.('overflow');
    else {
      this.#backlog.add(series);
      this.#sending ??= this.#send();
    }
  }

  /** Resolves once everything recorded so far was sent or given up. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  /** Accepts no more and sends what waits, for at most five seconds. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await boundedCall(this.#options.clock, CLOSE_TIMEOUT_MS, () => this.flush());
    } catch {
      this.#options.logger.warn('Events were not sent before the shutdown', { events: this.#backlog.size });
      this.#backlog.clear();
    }
  }

  #seriesOf(what: EventNote): Series {
    const { clock } = this.#options;
    const key = JSON.stringify([subjectOf(what.regarding), what.type, what.reason, what.note]);
    const present = this.#series.get(key);
    if (present !== undefined && clock.monotonic() - present.lastAt < SERIES_IDLE_MS) return present;
    const series = { event: this.#eventOf(what), count: 0, sent: 0, lastAt: clock.monotonic() };
    this.#series.set(key, series);
    return series;
  }

  #bucketOf(object: KubernetesObject): TokenBucket {
    const key = subjectOf(object);
    const bucket =
      this.#buckets.get(key) ??
      new TokenBucket({ clock: this.#options.clock, perSecond: PER_SECOND_PER_OBJECT, burst: BURST_PER_OBJECT });
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #eventOf(what: EventNote): EventObject {
    const { controller, instance, clock } = this.#options;
    const { apiVersion, kind, metadata } = what.regarding;
    const { name, namespace, uid } = metadata;
    return {
      apiVersion: apiVersionOf(eventType),
      kind: eventType.kind,
      metadata: { name: this.#nameFor(name), namespace: namespace ?? 'default' },
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, LONGEST_FIELD),
      action: what.action.slice(0, LONGEST_FIELD),
      reason: what.reason.slice(0, LONGEST_FIELD),
      type: what.type,
      note: what.note,
      regarding: {
        apiVersion,
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
      },
    };
  }

  #nameFor(name: string): string {
    const suffix = `.${this.#options.random.bytes(8).toString('hex')}`;
    return name.slice(0, LONGEST_NAME - suffix.length).replace(/[^a-z0-9]+$/, '') + suffix;
  }

  async #send(): Promise<void> {
    // A promise's turn later: what one reconcile repeats at once is sent once.
    await Promise.resolve();
    for (const series of this.#backlog) {
      this.#backlog.delete(series);
      try {
        await boundedCall(this.#options.clock, CALL_TIMEOUT_MS, () => this.#sendOne(series));
        this.#observer.sent?.(series.event.type);
      } catch (error) {
        this.#observer.failed?.();
        const { reason, regarding } = series.event;
        this.#options.logger.warn('An event could not be sent', { reason, regarding, error });
      }
    }
    this.#sending = undefined;
  }

  async #sendOne(series: Series): Promise<void> {
    if (series.sent === 0 && (await this.#created(series))) return;
    // Reached also when an earlier creation took effect though its answer was lost.
    const { count } = series;
    if (count < 2) return;
    try {
      await this.#options.api.mergePatch(eventType, series.event.metadata, { series: this.#seriesField(count) });
      series.sent = count;
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      this.#startOver(series);
      await this.#created(series);
    }
  }

  /** False when it was there already. */
  async #created(series: Series): Promise<boolean> {
    const { count, event } = series;
    try {
      await this.#options.api.create(eventType, count < 2 ? event : { ...event, series: this.#seriesField(count) });
      series.sent = count;
      return true;
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) return false;
      throw error;
    }
  }

  /** The API server forgot the event; what goes on is a new one. */
  #startOver(series: Series): void {
    const { event } = series;
    series.event = {
      ...event,
      metadata: { ...event.metadata, name: this.#nameFor(event.regarding.name) },
      eventTime: microTime(this.#options.clock.now()),
    };
    series.count = Math.max(series.count - series.sent, 1);
    series.sent = 0;
  }

  #seriesField(count: number): NonNullable<EventObject['series']> {
    return { count, lastObservedTime: microTime(this.#options.clock.now()) };
  }
}

function subjectOf(object: KubernetesObject): string {
  const { uid, namespace, name } = object.metadata;
  return uid ?? `${object.kind}/${namespace ?? ''}/${name}`;
}

/** At most 1 kB of UTF-8, never half a character. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= LONGEST_NOTE_BYTES) return note;
  const ellipsis = '…';
  const end = LONGEST_NOTE_BYTES - Buffer.byteLength(ellipsis);
  return (
    bytes
      .subarray(0, end)
      .toString()
      .replace(/\uFFFD+$/, '') + ellipsis
  );
}
