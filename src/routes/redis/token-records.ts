import { RouteConflictError, StaleEpochError, StoreUnavailableError } from '../errors.ts';
import type { PutOutcome, TokenEntry, TokenRecord, TokenRecordWriter } from '../store.ts';
import { EPOCH_KEY, indexEntry, ownKey, parseIndex } from '../store-keys.ts';
import { fingerprint, type TokenHash } from '../token.ts';
import { claimedUid } from './inventory.ts';
import type { RedisLink } from './redis-link.ts';
import { Script, type ScriptCall, type ScriptReply } from './script.ts';

/**
 * The records of one kind that tokens lead to, as an operator writes them to Redis: each stands under the hash of its
 * token and in the index of whom it belongs to. Every write is one script that checks the fence first.
 */
export interface TokenRecordsOptions<R extends TokenRecord> {
  link: RedisLink;
  /** How errors name one, such as "route". */
  what: string;
  keyOf: (hash: TokenHash) => string;
  seal: (key: string, record: R) => string;
  revision: (key: string, record: R) => string;
}

const scripts = {
  put: new Script('put-route'),
  deleteOf: new Script('delete-routes'),
  remove: new Script('remove-routes'),
};

const BATCH = 500;
/** How often an index may change under a deletion before that counts as a failure. */
const ATTEMPTS = 5;

export class RedisTokenRecords<R extends TokenRecord> implements TokenRecordWriter<R> {
  readonly #options: TokenRecordsOptions<R>;

  constructor(options: TokenRecordsOptions<R>) {
    this.#options = options;
  }

  async put(epoch: number, hash: TokenHash, record: R): Promise<void> {
    const [outcome] = await this.#run(`put ${this.#options.what}`, scripts.put, this.#putCall(epoch, { hash, record }));
    if (this.#putOutcome(epoch, outcome) === 'conflict') throw new RouteConflictError(fingerprint(hash));
  }

  async putMany(epoch: number, entries: readonly TokenEntry<R>[]): Promise<ReadonlyMap<TokenHash, PutOutcome>> {
    const { link, what } = this.#options;
    const outcomes = new Map<TokenHash, PutOutcome>();
    for (const batch of batches(entries)) {
      const calls = batch.map((entry) => this.#putCall(epoch, entry));
      const replies = await link.call(`put ${what}s`, ({ client }) => scripts.put.runAll(client, calls));
      for (const [position, [outcome]] of replies.entries()) {
        const hash = batch[position]?.hash;
        if (hash !== undefined) outcomes.set(hash, this.#putOutcome(epoch, outcome));
      }
    }
    return outcomes;
  }

  async deleteOf(epoch: number, uid: string, keep?: TokenHash): Promise<number> {
    const { link, what, keyOf } = this.#options;
    const own = ownKey(uid);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const index = (await link.call('read index', ({ client }) => client.get(own))) ?? '';
      const hashes = new Set([...(keep === undefined ? [] : [keep]), ...parseIndex(index)]);
      const [outcome, removed] = await this.#run(`delete ${what}s`, scripts.deleteOf, {
        keys: [EPOCH_KEY, own, ...[...hashes].map(keyOf)],
        args: [epoch, uid, index, keep === undefined ? '' : indexEntry(keep)],
      });
      if (outcome === 'CHANGED') continue;
      refuse(`delete ${what}s`, outcome, epoch);
      return Number(removed);
    }
    throw new StoreUnavailableError(`delete ${what}s`, `each ${what} of the resource kept changing`);
  }

  async remove(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    let removed = 0;
    for (const batch of batches(hashes)) removed += await this.#remove(epoch, batch);
    return removed;
  }

  revision(hash: TokenHash, record: R): string {
    return this.#options.revision(this.#options.keyOf(hash), record);
  }

  async #remove(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    const { link, what } = this.#options;
    const keys = hashes.map(this.#options.keyOf);
    const values = await link.call(`read ${what}s`, ({ client }) => client.mget(...keys));
    const pairs = keys.flatMap((key, position) => [key, ownKey(claimedUid(values[position] ?? ''))]);
    const call = { keys: [EPOCH_KEY, ...pairs], args: [epoch, ...hashes.map(indexEntry)] };
    const [outcome, removed] = await this.#run(`remove ${what}s`, scripts.remove, call);
    refuse(`remove ${what}s`, outcome, epoch);
    return Number(removed);
  }

  #putCall(epoch: number, { hash, record }: TokenEntry<R>): ScriptCall {
    const { keyOf, seal } = this.#options;
    const key = keyOf(hash);
    return {
      keys: [EPOCH_KEY, key, ownKey(record.uid)],
      args: [epoch, indexEntry(hash), record.uid, record.exp ?? '', seal(key, record)],
    };
  }

  #putOutcome(epoch: number, outcome: string): PutOutcome {
    if (outcome === 'CONFLICT') return 'conflict';
    if (outcome === 'EXPIRED') return 'expired';
    refuse(`put ${this.#options.what}`, outcome, epoch);
    return 'written';
  }

  #run(action: string, script: Script, call: ScriptCall): Promise<ScriptReply> {
    return this.#options.link.call(action, ({ client }) => script.run(client, call));
  }
}

/** Turns every outcome of a script but `OK` into the error it means. */
export function refuse(action: string, outcome: string, epoch: number): void {
  if (outcome === 'OK') return;
  if (outcome === 'STALE') throw new StaleEpochError(epoch);
  if (outcome === 'EMPTIED') {
    throw new StoreUnavailableError(action, 'the store was emptied; take an epoch and rebuild it');
  }
  if (outcome === 'RESTARTED') {
    throw new StoreUnavailableError(action, 'the store has restarted since the rebuild began; rebuild again');
  }
  throw new StoreUnavailableError(action, `unexpected outcome ${outcome}`);
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}
