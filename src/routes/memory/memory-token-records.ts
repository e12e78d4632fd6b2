import { createHash } from 'node:crypto';
import { RouteConflictError } from '../errors.ts';
import type { PutOutcome, TokenClaim, TokenEntry, TokenRecord, TokenRecordWriter } from '../store.ts';
import { fingerprint, type TokenHash } from '../token.ts';
import type { MemoryTokenTable } from './memory-token-table.ts';

/** The token records of one kind, as one operator writes them to a memory store. `fence` throws when it may not. */
export interface MemoryTokenRecordsOptions<R extends TokenRecord> {
  table: MemoryTokenTable<R>;
  what: string;
  fence: (action: string, epoch: number) => void;
  canonical: (record: R) => string;
}

export class MemoryTokenRecords<R extends TokenRecord> implements TokenRecordWriter<R> {
  readonly #options: MemoryTokenRecordsOptions<R>;

  constructor(options: MemoryTokenRecordsOptions<R>) {
    this.#options = options;
  }

  async put(epoch: number, hash: TokenHash, record: R): Promise<void> {
    const { fence, what } = this.#options;
    fence(`put ${what}`, epoch);
    if (this.#put(hash, record) === 'conflict') throw new RouteConflictError(fingerprint(hash));
  }

  async putMany(epoch: number, entries: readonly TokenEntry<R>[]): Promise<ReadonlyMap<TokenHash, PutOutcome>> {
    const { fence, what } = this.#options;
    fence(`put ${what}s`, epoch);
    return new Map(entries.map(({ hash, record }) => [hash, this.#put(hash, record)]));
  }

  async deleteOf(epoch: number, uid: string, keep?: TokenHash): Promise<number> {
    const { fence, what, table } = this.#options;
    fence(`delete ${what}s`, epoch);
    const doomed = table.list().filter(([hash, record]) => record.uid === uid && hash !== keep);
    for (const [hash] of doomed) table.set(hash, undefined);
    return doomed.length;
  }

  async remove(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    const { fence, what, table } = this.#options;
    fence(`remove ${what}s`, epoch);
    const present = hashes.filter((hash) => table.get(hash) !== undefined);
    for (const hash of present) table.set(hash, undefined);
    return present.length;
  }

  revision(hash: TokenHash, record: R): string {
    const text = hash + this.#options.canonical(record);
    return createHash('sha256').update(text).digest('base64url');
  }

  claims(): ReadonlyMap<TokenHash, TokenClaim> {
    return new Map(
      this.#options.table
        .list()
        .map(([hash, record]) => [hash, { uid: record.uid, revision: this.revision(hash, record) }]),
    );
  }

  #put(hash: TokenHash, record: R): PutOutcome {
    const { table } = this.#options;
    const holder = table.get(hash);
    if (holder !== undefined && holder.uid !== record.uid) return 'conflict';
    const expired = table.hasExpired(record);
    if (!expired || holder !== undefined) table.set(hash, expired ? undefined : record);
    return expired ? 'expired' : 'written';
  }
}
