import { isApiError, type ObjectApi } from '../kubernetes/object-api.ts';
import { TokenBucket } from '../kubernetes/token-bucket.ts';
import { AtMostEvery } from '../process/at-most-every.ts';
import { type Clock, delay } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { type CrispMcpServer, crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { LAST_USE_FIELD_MANAGER } from '../resources/names.ts';
import type { ObjectKey } from '../resources/object.ts';
import { FIRST_PAGE, type LastUseBook } from '../routes/ledger/last-use-book.ts';
import type { ClusterView } from './cluster-view.ts';
import { isForgettable, lastUsedTimeToWrite } from './last-use.ts';
import { NotLeadingError } from './leader-gate.ts';

/**
 * Copies last uses from the gateways' book into the statuses of servers, round after round: the whole book, page by page,
 * in the order of the book, so that each server has its turn however many there are. Guarantees: at most 5 writes a
 * second and one at a time; each against the version it was decided from, so that whoever else writes wins, and of one
 * field that nobody else writes; a failure ends nothing but is counted, said once a minute, and made good in a later
 * round. Strikes out what the book still has of servers that are gone.
 */
export interface LastUseStatusOptions {
  book: LastUseBook;
  view: ClusterView;
  /** Refuses writes of one who does not lead. */
  api: ObjectApi;
  clock: Clock;
  logger: Logger;
  observer: LastUseObserver;
  isLeading: () => boolean;
}

export type LastUseWrite = 'written' | 'conflict' | 'failed';

export interface LastUseObserver {
  lastUsePage(result: 'success' | 'failed'): void;
  lastUseWrite(result: LastUseWrite): void;
  lastUsesForgotten(count: number): void;
}

/** After the beginning of a leadership, which has better things to do. */
const FIRST_ROUND_MS = 10_000;
const BETWEEN_ROUNDS_MS = 60_000;
const WRITES_PER_SECOND = 5;
/** An API server that does not answer, or asks for peace, is left alone for so long. */
const PEACE_MS = 10_000;
const COMPLAIN_EACH_MS = 60_000;

export class LastUseStatus {
  readonly #options: LastUseStatusOptions;
  readonly #pace: TokenBucket;
  readonly #complaints: Readonly<Record<'book' | 'status', AtMostEvery>>;

  constructor(options: LastUseStatusOptions) {
    this.#options = options;
    this.#pace = new TokenBucket({ clock: options.clock, perSecond: WRITES_PER_SECOND, burst: 1 });
    const complaints = () => new AtMostEvery(options.clock, COMPLAIN_EACH_MS);
    this.#complaints = { book: complaints(), status: complaints() };
  }

  /** Until `signal` aborts; resolves when nothing is under way any more. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await delay(clock, FIRST_ROUND_MS, signal);
    while (!signal.aborted) {
      if (this.#options.isLeading()) await this.#round(signal);
      await delay(clock, BETWEEN_ROUNDS_MS, signal);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { book, observer } = this.#options;
    let cursor = FIRST_PAGE;
    try {
      do {
        const { next, lastUses } = await book.page(cursor);
        observer.lastUsePage('success');
        await this.#copy(lastUses, signal);
        await this.#forget(lastUses, signal);
        cursor = next;
      } while (cursor !== FIRST_PAGE && !this.#isOver(signal));
    } catch (error) {
      if (signal.aborted) return;
      observer.lastUsePage('failed');
      this.#complain('book', 'The last uses of servers cannot be read; they are read again in a minute', error);
    }
  }

  async #copy(lastUses: ReadonlyMap<string, number>, signal: AbortSignal): Promise<void> {
    const { view, clock } = this.#options;
    for (const [uid, lastUse] of lastUses) {
      const key = view.serverOfUid(uid);
      if (key === undefined || this.#toWrite(key, uid, lastUse) === undefined) continue;
      await delay(clock, this.#pace.reserve(), signal);
      if (this.#isOver(signal)) return;
      await this.#write(key, uid, lastUse, signal);
    }
  }

  /** What is to be written, decided from the server as it is now. */
  #toWrite(key: ObjectKey, uid: string, lastUse: number): { server: CrispMcpServer; lastUsedTime: string } | undefined {
    const server = this.#options.view.servers.get(key);
    if (server?.metadata.uid !== uid) return undefined;
    const lastUsedTime = lastUsedTimeToWrite(server, lastUse, this.#options.clock.now());
    return lastUsedTime === undefined ? undefined : { server, lastUsedTime };
  }

  async #write(key: ObjectKey, uid: string, lastUse: number, signal: AbortSignal): Promise<void> {
    const { api, view, clock, observer } = this.#options;
    const decided = this.#toWrite(key, uid, lastUse);
    if (decided === undefined) return;
    const { server, lastUsedTime } = decided;
    const { namespace = '', name, resourceVersion } = server.metadata;
    try {
      const written = await api.mergePatch(
        crispMcpServerType,
        { namespace, name },
        { metadata: { resourceVersion }, status: { lastUsedTime } },
        { subresource: 'status', fieldManager: LAST_USE_FIELD_MANAGER },
      );
      view.servers.wrote(written, server);
      observer.lastUseWrite('written');
    } catch (error) {
      if (error instanceof NotLeadingError) return;
      // Somebody wrote first, or deleted it: its turn comes again.
      if (isApiError(error, 'Conflict', 'NotFound')) {
        observer.lastUseWrite('conflict');
        return;
      }
      observer.lastUseWrite('failed');
      this.#complain('status', 'The last use of a server cannot be written; it is tried again', error, {
        namespace,
        name,
      });
      if (!isApiError(error, 'Forbidden', 'Invalid', 'BadRequest')) await delay(clock, peaceAfter(error), signal);
    }
  }

  async #forget(lastUses: ReadonlyMap<string, number>, signal: AbortSignal): Promise<void> {
    const { book, view, clock, observer } = this.#options;
    const now = clock.now();
    const gone = [...lastUses]
      .filter(([uid, lastUse]) => view.serverOfUid(uid) === undefined && isForgettable(lastUse, now))
      .map(([uid]) => uid);
    if (gone.length === 0 || this.#isOver(signal)) return;
    await book.forget(gone);
    observer.lastUsesForgotten(gone.length);
  }

  #isOver(signal: AbortSignal): boolean {
    return signal.aborted || !this.#options.isLeading();
  }

  #complain(about: 'book' | 'status', message: string, error: unknown, fields: object = {}): void {
    if (this.#complaints[about].claim()) this.#options.logger.warn(message, { ...fields, error });
  }
}

function peaceAfter(error: unknown): number {
  const asked = isApiError(error) ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
  return Math.min(Math.max(PEACE_MS, asked), COMPLAIN_EACH_MS);
}
