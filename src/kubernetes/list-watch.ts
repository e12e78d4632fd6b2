import type { Clock } from '../process/clock.ts';
import { delay } from '../process/clock.ts';
import type { Random } from '../process/random.ts';
import type { KubernetesObject, ResourceType } from '../resources/object.ts';
import { Backoff } from './backoff.ts';
import { isApiError, type ObjectApi, type WatchEvent } from './object-api.ts';

/**
 * Follows one collection for ever: list in pages, then watch from the list's version, resuming after each end and
 * listing again when the version is too old. It is a state machine of three states and a pure transition between them:
 *
 *   empty ──page──▶ paging ──last page──▶ watching ──410, or three failures──▶ empty
 *
 * Guarantees: `replaced` gets a whole list or nothing; nothing is skipped between list and watch; no failure ends it,
 * and no failure makes it spin. Assumes that the watch yields bookmarks from time to time; where it does not, a quiet
 * stream is merely opened anew.
 */
export interface ListWatchOptions<T extends KubernetesObject> {
  api: Pick<ObjectApi, 'list' | 'watch'>;
  type: ResourceType<T>;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  metadataOnly?: boolean;
  clock: Clock;
  random: Random;
  sink: ListWatchSink<T>;
  /** A signal whose abort asks for a new list at once; read again after each abort. */
  relist?: () => AbortSignal;
}

export interface ListWatchSink<T> {
  /** A complete list is in. */
  replaced(objects: readonly T[]): void;
  /** One event of the watch, bookmarks included. Must not throw. */
  event(event: WatchEvent<T>): void;
  /** A list or watch failed; it is tried again after `waitMs`. */
  failed(error: unknown, waitMs: number): void;
  /** A watch is being opened again without a list. */
  rewatched?(): void;
}

export type ListWatchState<T> =
  /** Nothing is known. `whole`: list without pages, as the last list's continue token expired half-way. */
  | { phase: 'empty'; whole: boolean }
  | { phase: 'paging'; collected: readonly T[]; continue: string }
  /** `fresh` until the version has proved good for watching. */
  | { phase: 'watching'; resourceVersion: string; fresh: boolean; failures: number };

export type ListWatchOutcome<T> =
  | { kind: 'page'; items: readonly T[]; resourceVersion: string; continue?: string | undefined }
  /** The stream ended or fell silent, without an error. */
  | { kind: 'ended'; resourceVersion: string; livedMs: number }
  | { kind: 'failed'; error: unknown; resourceVersion?: string | undefined };

export interface Transition<T> {
  readonly state: ListWatchState<T>;
  /** Whether to wait, as failures do, before going on. */
  readonly backOff: boolean;
}

const PAGE_SIZE = 500;
const SHORTEST_WATCH_SECONDS = 300;
const LONGEST_SILENCE_MS = 90_000;
const SHORTEST_HEALTHY_WATCH_MS = 1000;
const FAILURES_BEFORE_LIST = 3;
const LONGEST_RETRY_AFTER_MS = 60_000;

/** What follows from an outcome in a state. */
export function transition<T>(state: ListWatchState<T>, outcome: ListWatchOutcome<T>): Transition<T> {
  if (outcome.kind === 'page') {
    const collected = state.phase === 'paging' ? [...state.collected, ...outcome.items] : outcome.items;
    if (outcome.continue) {
      return { state: { phase: 'paging', collected, continue: outcome.continue }, backOff: false };
    }
    const { resourceVersion } = outcome;
    return { state: { phase: 'watching', resourceVersion, fresh: true, failures: 0 }, backOff: false };
  }
  if (state.phase !== 'watching') {
    const whole = state.phase === 'paging' ? isApiError(errorOf(outcome), 'Expired') : state.whole;
    return { state: { phase: 'empty', whole }, backOff: true };
  }
  const resourceVersion = outcome.resourceVersion ?? state.resourceVersion;
  const progressed = resourceVersion !== state.resourceVersion;
  if (outcome.kind === 'ended') {
    const watching = { phase: 'watching', resourceVersion, fresh: false, failures: 0 } as const;
    return { state: watching, backOff: outcome.livedMs < SHORTEST_HEALTHY_WATCH_MS };
  }
  if (isApiError(outcome.error, 'Expired')) {
    // A version that a list gave this moment cannot be old; listing again at once would spin.
    return { state: { phase: 'empty', whole: false }, backOff: state.fresh && !progressed };
  }
  const failures = progressed ? 1 : state.failures + 1;
  if (failures >= FAILURES_BEFORE_LIST) return { state: { phase: 'empty', whole: false }, backOff: true };
  return { state: { phase: 'watching', resourceVersion, fresh: state.fresh && !progressed, failures }, backOff: true };
}

/** Runs until `signal` aborts. Never rejects. What was under way when a new list is asked for is dropped. */
export async function listAndWatch<T extends KubernetesObject>(
  options: ListWatchOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, sink } = options;
  const backoff = new Backoff({ clock, random });
  let state: ListWatchState<T> = { phase: 'empty', whole: false };
  while (!signal.aborted) {
    const relist = options.relist?.();
    const interrupt = relist === undefined ? signal : AbortSignal.any([signal, relist]);
    const outcome =
      state.phase === 'watching' ? await watch(options, state, interrupt) : await list(options, state, signal);
    if (signal.aborted) return;
    if (relist?.aborted) {
      state = { phase: 'empty', whole: false };
      continue;
    }
    const next: Transition<T> = transition(state, outcome);
    if (outcome.kind === 'page' && next.state.phase === 'watching') {
      sink.replaced(state.phase === 'paging' ? [...state.collected, ...outcome.items] : outcome.items);
    }
    const waitMs = next.backOff ? Math.max(backoff.next(), retryAfterMs(errorOf(outcome))) : 0;
    if (outcome.kind === 'failed') sink.failed(outcome.error, waitMs);
    if (state.phase === 'watching' && next.state.phase === 'watching') sink.rewatched?.();
    state = next.state;
    if (waitMs > 0) await delay(clock, waitMs, interrupt);
    if (relist?.aborted) state = { phase: 'empty', whole: false };
  }
}

async function list<T extends KubernetesObject>(
  options: ListWatchOptions<T>,
  state: Exclude<ListWatchState<T>, { phase: 'watching' }>,
  signal: AbortSignal,
): Promise<ListWatchOutcome<T>> {
  try {
    const page = await options.api.list(options.type, {
      ...selection(options),
      ...(state.phase === 'empty' && state.whole ? {} : { limit: PAGE_SIZE }),
      ...(state.phase === 'paging' ? { continue: state.continue } : {}),
      signal,
    });
    return { kind: 'page', items: page.items, resourceVersion: page.resourceVersion, continue: page.continue };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** One stream, from `state.resourceVersion` until it ends, fails or falls silent. */
async function watch<T extends KubernetesObject>(
  options: ListWatchOptions<T>,
  state: Extract<ListWatchState<T>, { phase: 'watching' }>,
  signal: AbortSignal,
): Promise<ListWatchOutcome<T>> {
  const { api, type, clock, random, sink } = options;
  const start = clock.monotonic();
  const stream = new AbortController();
  let lastHeard = start;
  let resourceVersion = state.resourceVersion;

  const consume = async (): Promise<ListWatchOutcome<T>> => {
    try {
      const events = api.watch(type, {
        ...selection(options),
        resourceVersion,
        timeoutSeconds: SHORTEST_WATCH_SECONDS + Math.floor(random.fraction() * SHORTEST_WATCH_SECONDS),
        signal: stream.signal,
      });
      for await (const event of events) {
        if (stream.signal.aborted) break;
        lastHeard = clock.monotonic();
        sink.event(event);
        resourceVersion =
          event.type === 'BOOKMARK'
            ? event.resourceVersion
            : (event.object.metadata.resourceVersion ?? resourceVersion);
      }
      return { kind: 'ended', resourceVersion, livedMs: clock.monotonic() - start };
    } catch (error) {
      return { kind: 'failed', error, resourceVersion };
    }
  };

  // A stream that ignores its signal must not hold us: whatever it yields later is dropped by `consume`.
  const cut = new Promise<ListWatchOutcome<T>>((resolve) => {
    stream.signal.addEventListener('abort', () =>
      resolve({ kind: 'ended', resourceVersion, livedMs: clock.monotonic() - start }),
    );
  });
  const abort = () => stream.abort();
  signal.addEventListener('abort', abort, { once: true });
  const checkSilence = () => {
    const left = lastHeard + LONGEST_SILENCE_MS - clock.monotonic();
    if (left <= 0) stream.abort();
    else timer = clock.setTimer(left, checkSilence);
  };
  let timer = clock.setTimer(LONGEST_SILENCE_MS, checkSilence);
  try {
    return await Promise.race([consume(), cut]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
    stream.abort();
  }
}

function selection<T extends KubernetesObject>(options: ListWatchOptions<T>) {
  const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(metadataOnly === undefined ? {} : { metadataOnly }),
  };
}

function errorOf<T>(outcome: ListWatchOutcome<T>): unknown {
  return outcome.kind === 'failed' ? outcome.error : undefined;
}

function retryAfterMs(error: unknown): number {
  if (!isApiError(error) || error.retryAfterSeconds === undefined) return 0;
  return Math.min(error.retryAfterSeconds * 1000, LONGEST_RETRY_AFTER_MS);
}
