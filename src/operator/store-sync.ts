import { type Clock, delay, type Timer } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { RouteConflictError, StaleEpochError, StoreUnavailableError } from '../routes/errors.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../routes/records.ts';
import { type RouteWriter, routeRecordsOf, type TokenRecord, type TokenRecordWriter } from '../routes/store.ts';
import { fingerprint, type TokenHash } from '../routes/token.ts';
import { StoreContact } from './store-contact.ts';
import { StoreMirror } from './store-mirror.ts';
import { type DesiredStore, type Holders, rebuildStore, removeStrays } from './store-rebuild.ts';
import type { TokenMirror } from './token-mirror.ts';

/**
 * The leader's hand on the route store. When leadership begins, and again whenever the store is found unverified, it
 * takes an epoch, rebuilds the store from what should be there and declares it verified; in between, single writes go
 * through it. Guarantees: nothing is written that is already so; no write overlaps a rebuild; a write that was given up
 * takes effect before the next one or never, as the next one carries a newer epoch; a write by anyone but the present
 * leader ends this leadership ({@link StoreSyncOptions.onFenced}). Assumes that every call of the writer is bounded in
 * time and fails with {@link StoreUnavailableError}.
 */
export interface StoreSyncOptions {
  writer: RouteWriter;
  clock: Clock;
  logger: Logger;
  /** Whether this process still leads; asked before each write. */
  isLeading: () => boolean;
  /** Everything that should be stored. `holders` says who holds a token in the store now. */
  desired: (holders: Holders) => Promise<DesiredStore>;
  isLiveServer: (uid: string) => boolean;
  isLiveApiToken: (uid: string) => boolean;
  isLiveAccount: (uid: string) => boolean;
  /** The store was rebuilt, or answers again after a failure. */
  onRecovered: (how: 'rebuilt' | 'answers') => void;
  /** A token is free for whoever waits for it. */
  onReleased: (kind: TokenKind, hash: TokenHash) => void;
  onFenced: (error: StaleEpochError) => void;
}

/** Whom a token belongs to. */
export type TokenKind = 'server' | 'apiToken';

/** What is different from one kind of token records to another. */
interface Kind<R extends TokenRecord> {
  readonly kind: TokenKind;
  readonly records: TokenRecordWriter<R>;
  readonly mirror: TokenMirror;
  readonly isLive: (uid: string) => boolean;
}

export type StoreState = 'idle' | 'rebuilding' | 'synced' | 'failed' | 'stopped';

const POLL_MS = 1_000;
const GRACE_MS = 3_000;
const GRACE_RETRY_MS = 100;

export class StoreSync {
  readonly mirror = new StoreMirror();
  readonly #options: StoreSyncOptions;
  readonly #contact: StoreContact;
  readonly #routes: Kind<RouteRecord>;
  readonly #apiTokens: Kind<ApiTokenRecord>;
  #state: StoreState = 'idle';
  #epoch = 0;
  #leaseTransitions = 0;
  #settled: Promise<void> = Promise.resolve();
  #inFlight = new Set<Promise<unknown>>();
  /** A write under the present epoch was given up: it may be on its way yet, through a connection that has gone. */
  #epochInDoubt = false;
  #renewal: Promise<void> | undefined;
  #touched: Set<string> | undefined;
  #timer: Timer | undefined;

  constructor(options: StoreSyncOptions) {
    this.#options = options;
    const { writer, clock, logger, isLiveServer, isLiveApiToken, onRecovered } = options;
    this.#contact = new StoreContact({ clock, logger, onAnswering: () => onRecovered('answers') });
    const { routes, apiTokens } = this.mirror;
    this.#routes = { kind: 'server', records: routeRecordsOf(writer), mirror: routes, isLive: isLiveServer };
    this.#apiTokens = { kind: 'apiToken', records: writer.apiTokens, mirror: apiTokens, isLive: isLiveApiToken };
  }

  get state(): StoreState {
    return this.#state;
  }

  /** Milliseconds since the store last answered, while it does not; `undefined` while it does. */
  unavailableForMs(): number | undefined {
    return this.#contact.unavailableForMs();
  }

  /**
   * Begins a leadership; resolves when the first attempt at a rebuild has ended, well or not. A store that is only just
   * being connected to has a moment of grace, during which writes wait instead of failing.
   */
  async start(leaseTransitions: number): Promise<void> {
    this.#leaseTransitions = leaseTransitions;
    const first = this.#rebuild();
    this.#settled = first.then(() => this.#insist());
    void this.#settled.then(() => this.#schedulePoll());
    await first;
  }

  async #insist(): Promise<void> {
    const { clock, isLeading } = this.#options;
    const end = clock.monotonic() + GRACE_MS;
    while (this.#state === 'failed' && isLeading() && clock.monotonic() < end) {
      await delay(clock, GRACE_RETRY_MS);
      if (!this.#stopped()) await this.#rebuild();
    }
  }

  stop(): void {
    this.#state = 'stopped';
    this.#timer?.cancel();
  }

  putRoute(hash: TokenHash, record: RouteRecord): Promise<void> {
    return this.#put(this.#routes, hash, record);
  }

  /** Removes the routes of a server, all or all but `keep`. */
  deleteRoutes(uid: string, keep?: TokenHash): Promise<void> {
    return this.#deleteOf(this.#routes, uid, keep);
  }

  putApiToken(hash: TokenHash, record: ApiTokenRecord): Promise<void> {
    return this.#put(this.#apiTokens, hash, record);
  }

  /** Removes what is stored of a CrispApiToken, all or all but `keep`. */
  deleteApiTokens(uid: string, keep?: TokenHash): Promise<void> {
    return this.#deleteOf(this.#apiTokens, uid, keep);
  }

  async putAccount(record: AccountRecord): Promise<void> {
    const { writer } = this.#options;
    await this.#settled;
    const revision = writer.accountRevision(record);
    if (this.#state === 'synced' && this.mirror.hasAccount(record.uid, revision)) return;
    this.#touch(record.uid);
    this.mirror.accountPut(record.uid, undefined);
    await this.#write((epoch) => writer.putAccount(epoch, record));
    this.mirror.accountPut(record.uid, revision);
  }

  async deleteAccount(uid: string): Promise<void> {
    await this.#settled;
    if (this.#state === 'synced' && !this.mirror.mayHaveAccount(uid)) return;
    this.#touch(uid);
    await this.#write((epoch) => {
      this.mirror.accountPut(uid, undefined);
      return this.#options.writer.deleteAccount(epoch, uid);
    });
    this.mirror.accountRemoved(uid);
  }

  /** Compares all that is stored with what is known, and removes what belongs to nobody. For the periodic full diff. */
  async resync(): Promise<void> {
    if (this.#state !== 'synced') return;
    const touched = new Set<string>();
    this.#touched = touched;
    try {
      const inventory = await this.#options.writer.inventory();
      if (this.#state !== 'synced') return;
      this.mirror.refresh(inventory, touched);
      const strayUnless = (isLive: (uid: string) => boolean) => (uid: string) => !touched.has(uid) && !isLive(uid);
      const strays = await this.#write((epoch) =>
        removeStrays({
          writer: this.#options.writer,
          epoch,
          inventory,
          isStray: strayUnless(this.#options.isLiveServer),
          isStrayApiToken: strayUnless(this.#options.isLiveApiToken),
          isStrayAccount: strayUnless(this.#options.isLiveAccount),
        }),
      );
      for (const hash of strays.routes) this.#released(this.#routes, hash);
      for (const hash of strays.apiTokens) this.#released(this.#apiTokens, hash);
      for (const uid of strays.accounts) this.mirror.accountRemoved(uid);
    } finally {
      if (this.#touched === touched) this.#touched = undefined;
    }
  }

  async #put<R extends TokenRecord>(kind: Kind<R>, hash: TokenHash, record: R): Promise<void> {
    const { records, mirror } = kind;
    await this.#settled;
    const revision = records.revision(hash, record);
    if (this.#state === 'synced' && mirror.has(hash, record.uid, revision)) return;
    this.#touch(hash, record.uid);
    mirror.inDoubt(hash, record.uid);
    await this.#write((epoch) => this.#putOrTakeOver(kind, epoch, hash, record));
    mirror.put(hash, { uid: record.uid, revision, exp: record.exp });
  }

  async #deleteOf<R extends TokenRecord>(kind: Kind<R>, uid: string, keep: TokenHash | undefined): Promise<void> {
    const { records, mirror } = kind;
    await this.#settled;
    const gone = mirror.hashesOf(uid).filter((hash) => hash !== keep);
    if (this.#state === 'synced' && gone.length === 0) return;
    this.#touch(uid, ...gone);
    await this.#write((epoch) => {
      for (const hash of gone) mirror.removalInDoubt(hash);
      return records.deleteOf(epoch, uid, keep);
    });
    for (const hash of gone) this.#released(kind, hash);
  }

  async #putOrTakeOver<R extends TokenRecord>(kind: Kind<R>, epoch: number, hash: TokenHash, record: R): Promise<void> {
    const { records, mirror, isLive } = kind;
    const holder = mirror.holderOf(hash);
    if (holder !== undefined && holder !== record.uid) {
      if (isLive(holder)) throw new RouteConflictError(fingerprint(hash));
      await records.remove(epoch, [hash]);
      this.#released(kind, hash);
      mirror.inDoubt(hash, record.uid);
    }
    await records.put(epoch, hash, record);
  }

  /** One write under the present epoch, never during a rebuild. */
  async #write<T>(action: (epoch: number) => Promise<T>): Promise<T> {
    this.#assertWritable();
    if (this.#epochInDoubt) {
      await this.#renewEpoch();
      this.#assertWritable();
    }
    const epoch = this.#epoch;
    try {
      const result = await this.#whileInFlight(action(epoch));
      this.#contact.answered();
      return result;
    } catch (error) {
      if (error instanceof StaleEpochError) {
        if (epoch !== this.#epoch) throw new StoreUnavailableError('write', 'overtaken by a rebuild');
        this.#fenced(error);
      }
      if (error instanceof StoreUnavailableError) {
        if (epoch === this.#epoch) this.#epochInDoubt = true;
        this.#contact.failed(error);
      }
      throw error;
    }
  }

  #assertWritable(): void {
    if (this.#state !== 'synced')
      throw new StoreUnavailableError('it is not rebuilt yet', this.#contact.lastError ?? this.#state);
    if (!this.#options.isLeading()) throw new StoreUnavailableError('write', 'this process does not lead');
  }

  async #whileInFlight<T>(pending: Promise<T>): Promise<T> {
    this.#inFlight.add(pending);
    try {
      return await pending;
    } finally {
      this.#inFlight.delete(pending);
    }
  }

  /** Leaves behind what was given up: once this is answered, nothing of the old epoch takes effect any more. */
  #renewEpoch(): Promise<void> {
    this.#renewal ??= this.#whileInFlight(this.#takeNewEpoch([...this.#inFlight])).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #takeNewEpoch(underTheOld: readonly Promise<unknown>[]): Promise<void> {
    await Promise.allSettled(underTheOld);
    // A rebuild that has begun meanwhile takes its own.
    if (this.#state !== 'synced' || !this.#options.isLeading()) return;
    try {
      this.#epoch = await this.#options.writer.takeEpoch(this.#leaseTransitions);
      this.#epochInDoubt = false;
    } catch (error) {
      if (error instanceof StaleEpochError) this.#fenced(error);
      if (error instanceof StoreUnavailableError) this.#contact.failed(error);
      throw error;
    }
  }

  #fenced(error: StaleEpochError): void {
    this.stop();
    this.#options.onFenced(error);
  }

  async #attemptRebuild(): Promise<void> {
    const attempt = this.#rebuild();
    this.#settled = attempt;
    await attempt;
  }

  /** Never throws: the outcome is the state. */
  async #rebuild(): Promise<void> {
    const { writer, clock, logger, desired, isLeading, onRecovered } = this.#options;
    this.#state = 'rebuilding';
    const start = clock.monotonic();
    try {
      await Promise.allSettled([...this.#inFlight]);
      const assertLeading = () => {
        if (!isLeading() || this.#stopped()) throw new StoreUnavailableError('rebuild', 'this process does not lead');
      };
      assertLeading();
      this.#epoch = await writer.takeEpoch(this.#leaseTransitions);
      this.#epochInDoubt = false;
      const result = await rebuildStore({ writer, epoch: this.#epoch, desired, assertLeading, logger });
      if (this.#stopped()) return;
      this.mirror.refresh(result.stored);
      for (const [hash, exp] of result.ends.routes) this.mirror.routes.learnEnd(hash, exp);
      for (const [hash, exp] of result.ends.apiTokens) this.mirror.apiTokens.learnEnd(hash, exp);
      this.#state = 'synced';
      this.#contact.rebuilt();
      logger.info('The route store is rebuilt and verified', {
        epoch: this.#epoch,
        routes: result.stored.routes.size,
        written: result.written,
        removed: result.removed,
        milliseconds: Math.round(clock.monotonic() - start),
      });
      onRecovered('rebuilt');
    } catch (error) {
      if (this.#stopped()) return;
      this.#state = 'failed';
      this.#contact.failed(error);
      if (error instanceof StaleEpochError) this.#fenced(error);
    }
  }

  #stopped(): boolean {
    return this.#state === 'stopped';
  }

  #schedulePoll(): void {
    if (this.#stopped()) return;
    this.#timer = this.#options.clock.setTimer(POLL_MS, () => {
      void this.#poll().finally(() => this.#schedulePoll());
    });
  }

  async #poll(): Promise<void> {
    if (!this.#options.isLeading() || this.#stopped()) return;
    if (this.#state !== 'synced') {
      await this.#attemptRebuild();
      return;
    }
    try {
      const verified = await this.#options.writer.isVerified();
      if (this.#stopped()) return;
      if (verified) {
        this.#contact.answered();
      } else {
        this.#options.logger.warn('The route store lost its verification (restart, flush or failover); rebuilding it');
        await this.#attemptRebuild();
      }
    } catch (error) {
      this.#contact.failed(error);
    }
  }

  #touch(...ids: readonly string[]): void {
    for (const id of ids) this.#touched?.add(id);
  }

  #released({ kind, mirror }: Pick<Kind<TokenRecord>, 'kind' | 'mirror'>, hash: TokenHash): void {
    mirror.removed(hash);
    this.#options.onReleased(kind, hash);
  }
}
