import type { Clock } from '../../process/clock.ts';
import type { KubernetesObject, ResourceType } from '../../resources/object.ts';
import type { WatchEvent } from '../object-api.ts';
import { isOfType } from '../object-guard.ts';
import { aborted, expired } from './api-errors.ts';
import type { JsonObject } from './json.ts';
import type { ObjectStore, StoredEvent, StoredObject } from './object-store.ts';

/**
 * One watch on the store. It pulls from the bounded history, so a slow reader costs no memory; one that is overtaken by
 * the history ends with `Expired`. Bookmarks and the end of the watch come from the injected clock.
 */
export interface WatchRequest<T extends KubernetesObject> {
  readonly type: ResourceType<T>;
  readonly matches: (object: StoredObject) => boolean;
  readonly view: (json: JsonObject) => JsonObject;
  /** Events after it; `undefined` begins with the present objects. */
  readonly after: number | undefined;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
}

export async function* watchStore<T extends KubernetesObject>(
  store: ObjectStore,
  request: WatchRequest<T>,
  options: { clock: Clock; bookmarkSeconds: number },
): AsyncGenerator<WatchEvent<T>, void, void> {
  const { type, signal } = request;
  let version = request.after ?? store.version;
  const initial = request.after === undefined ? store.list(type).filter(request.matches) : [];
  const alarm = new Alarm(options.clock, request.timeoutSeconds * 1000, options.bookmarkSeconds * 1000, signal);
  try {
    for (const stored of initial) yield { type: 'ADDED', object: shown(stored) };
    while (!alarm.isOver) {
      const events = store.eventsAfter(type, version);
      if (events === undefined) throw expired(`too old resource version: ${version} (${store.version})`);
      for (const event of events) {
        version = event.version;
        const visible = visibleAs(event, request.matches);
        if (visible !== undefined) yield { type: visible, object: shown(event.after) };
        if (alarm.isOver) return;
      }
      if (events.length > 0) continue;
      if (alarm.takeBookmark()) {
        version = store.version;
        yield { type: 'BOOKMARK', resourceVersion: String(version) };
        continue;
      }
      await alarm.wait((wake) => store.onNextEvent(type, wake));
    }
  } finally {
    alarm.close();
  }

  function shown(stored: StoredObject): T {
    const object: unknown = request.view(stored.json);
    if (!isOfType(type, object)) throw aborted();
    return object;
  }
}

/** An object that begins or ceases to match a selector appears or disappears. */
function visibleAs(event: StoredEvent, matches: (object: StoredObject) => boolean): StoredEvent['type'] | undefined {
  const isNow = event.type !== 'DELETED' && matches(event.after);
  const wasBefore = event.before !== undefined && matches(event.before);
  if (isNow) return wasBefore ? 'MODIFIED' : 'ADDED';
  return wasBefore ? 'DELETED' : undefined;
}

/** What may wake a watch beside an event: its end, the next bookmark, the caller. */
class Alarm {
  readonly #closers: (() => void)[] = [];
  #wake: (() => void) | undefined;
  #isBookmarkDue = false;
  isOver: boolean;

  constructor(clock: Clock, timeout: number, bookmarkEvery: number, signal: AbortSignal | undefined) {
    this.isOver = signal?.aborted === true;
    const end = () => {
      this.isOver = true;
      this.#wake?.();
    };
    const timer = clock.setTimer(timeout, end);
    const bookmark = () => {
      this.#isBookmarkDue = true;
      this.#wake?.();
      next = clock.setTimer(bookmarkEvery, bookmark);
    };
    let next = clock.setTimer(bookmarkEvery, bookmark);
    signal?.addEventListener('abort', end, { once: true });
    this.#closers.push(
      () => timer.cancel(),
      () => next.cancel(),
      () => signal?.removeEventListener('abort', end),
    );
  }

  takeBookmark(): boolean {
    const isDue = this.#isBookmarkDue;
    this.#isBookmarkDue = false;
    return isDue;
  }

  async wait(onNextEvent: (wake: () => void) => () => void): Promise<void> {
    if (this.isOver || this.#isBookmarkDue) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = onNextEvent(resolve);
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
    cancel();
  }

  close(): void {
    for (const close of this.#closers) close();
  }
}
