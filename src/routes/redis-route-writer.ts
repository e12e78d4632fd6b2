import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { type Random, systemRandom } from '../process/random.ts';
import { RouteConflictError, StaleEpochError, StoreUnavailableError } from './errors.ts';
import type { Keyring } from './keyring.ts';
import type { AccountRecord, RouteRecord } from './records.ts';
import { claimedUid, readInventory } from './redis/inventory.ts';
import { RedisLink } from './redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from './redis/redis-target.ts';
import { Script, type ScriptCall, type ScriptReply } from './redis/script.ts';
import { isVerifiedIn } from './redis/verification.ts';
import { accountRevision, routeRevision, sealAccount, sealRoute } from './sealed-record.ts';
import {
  firstEpoch,
  LATER_TERM,
  type PutOutcome,
  type RouteEntry,
  type RouteWriter,
  type StoreInventory,
} from './store.ts';
import { accountKey, EPOCH_KEY, indexEntry, ownKey, parseIndex, routeKey, SYNCED_KEY } from './store-keys.ts';
import { fingerprint, type TokenHash } from './token.ts';

/**
 * The operator's side of the store in Redis. Every write is one script that checks the fence first; nothing is retried
 * here, since the operator's work queue does that. Needs the rights of `operator` in `redis/acl.ts`.
 */
export interface RedisRouteWriterOptions {
  redis: RedisSettings;
  keyring: Keyring;
  clock: Clock;
  logger: Logger;
  random?: Random;
  connectTimeout?: number;
  commandTimeout?: number;
}

export function createRedisRouteWriter(options: RedisRouteWriterOptions): RedisRouteWriter {
  return new RedisRouteWriter(options);
}

const scripts = {
  takeEpoch: new Script('take-epoch'),
  markVerified: new Script('mark-verified'),
  putRoute: new Script('put-route'),
  deleteRoutes: new Script('delete-routes'),
  removeRoutes: new Script('remove-routes'),
  putAccount: new Script('put-account'),
  remove: new Script('remove'),
};

const BATCH = 500;
/** How often the index of a server may change under a deletion before that counts as a failure. */
const ATTEMPTS = 5;

interface TakenEpoch {
  readonly term: number;
  readonly epoch: number;
  readonly runId: string;
}

export class RedisRouteWriter implements RouteWriter {
  readonly #link: RedisLink;
  readonly #keyring: Keyring;
  readonly #random: Random;
  readonly #name: string;
  #taken: TakenEpoch | undefined;
  /** The highest epoch of a later term that the store told of. */
  #later = 0;

  constructor(options: RedisRouteWriterOptions) {
    const { redis, random = systemRandom } = options;
    this.#keyring = options.keyring;
    this.#random = random;
    this.#name = random.bytes(8).toString('hex');
    this.#link = new RedisLink({ ...options, random, target: parseRedisTarget(redis), name: 'crisp-mcp-operator' });
    this.#link.open();
  }

  async takeEpoch(leaseTransitions: number): Promise<number> {
    const own = this.#taken?.term === leaseTransitions ? this.#taken.epoch : 0;
    const args = [firstEpoch(leaseTransitions), own, this.#name, firstEpoch(leaseTransitions + 1), this.#later];
    const [outcome, epoch, runId] = await this.#run('take epoch', scripts.takeEpoch, { keys: [EPOCH_KEY], args });
    if (outcome === 'LATER') {
      this.#later = Number(epoch);
      throw new StoreUnavailableError('take epoch', LATER_TERM);
    }
    this.#refuse('take epoch', outcome, own);
    this.#taken = { term: leaseTransitions, epoch: Number(epoch), runId: String(runId) };
    return this.#taken.epoch;
  }

  async putRoute(epoch: number, hash: TokenHash, record: RouteRecord): Promise<void> {
    const [outcome] = await this.#run('put route', scripts.putRoute, this.#putCall(epoch, { hash, record }));
    if (this.#putOutcome(epoch, outcome) === 'conflict') throw new RouteConflictError(fingerprint(hash));
  }

  async putRoutes(epoch: number, routes: readonly RouteEntry[]): Promise<ReadonlyMap<TokenHash, PutOutcome>> {
    const outcomes = new Map<TokenHash, PutOutcome>();
    for (const batch of batches(routes)) {
      const calls = batch.map((entry) => this.#putCall(epoch, entry));
      const replies = await this.#link.call('put routes', ({ client }) => scripts.putRoute.runAll(client, calls));
      for (const [position, [outcome]] of replies.entries()) {
        const hash = batch[position]?.hash;
        if (hash !== undefined) outcomes.set(hash, this.#putOutcome(epoch, outcome));
      }
    }
    return outcomes;
  }

  async deleteRoutes(epoch: number, serverUid: string, keep?: TokenHash): Promise<number> {
    const own = ownKey(serverUid);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const index = (await this.#link.call('read index', ({ client }) => client.get(own))) ?? '';
      const hashes = new Set([...(keep === undefined ? [] : [keep]), ...parseIndex(index)]);
      const [outcome, removed] = await this.#run('delete routes', scripts.deleteRoutes, {
        keys: [EPOCH_KEY, own, ...[...hashes].map(routeKey)],
        args: [epoch, serverUid, index, keep === undefined ? '' : indexEntry(keep)],
      });
      if (outcome === 'CHANGED') continue;
      this.#refuse('delete routes', outcome, epoch);
      return Number(removed);
    }
    throw new StoreUnavailableError('delete routes', 'the routes of the server kept changing');
  }

  async removeRoutes(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    let removed = 0;
    for (const batch of batches(hashes)) removed += await this.#removeRoutes(epoch, batch);
    return removed;
  }

  async putAccount(epoch: number, record: AccountRecord): Promise<void> {
    const key = accountKey(record.uid);
    const sealed = sealAccount(this.#keyring, this.#random, key, record);
    const call = { keys: [EPOCH_KEY, key], args: [epoch, sealed] };
    const [outcome] = await this.#run('put account', scripts.putAccount, call);
    this.#refuse('put account', outcome, epoch);
  }

  async deleteAccount(epoch: number, accountUid: string): Promise<void> {
    await this.#remove('delete account', epoch, [accountKey(accountUid)]);
  }

  inventory(): Promise<StoreInventory> {
    return this.#link.call('inventory', ({ client }) => readInventory(client, this.#keyring));
  }

  routeRevision(hash: TokenHash, record: RouteRecord): string {
    return routeRevision(this.#keyring, routeKey(hash), record);
  }

  accountRevision(record: AccountRecord): string {
    return accountRevision(this.#keyring, record);
  }

  isVerified(): Promise<boolean> {
    return this.#link.call('check verification', async ({ client, runId }) =>
      isVerifiedIn(runId, await client.get(SYNCED_KEY)),
    );
  }

  async markVerified(epoch: number): Promise<void> {
    const runId = this.#taken?.epoch === epoch ? this.#taken.runId : '';
    const call = { keys: [EPOCH_KEY, SYNCED_KEY], args: [epoch, runId] };
    const [outcome] = await this.#run('mark verified', scripts.markVerified, call);
    this.#refuse('mark verified', outcome, epoch);
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  #putCall(epoch: number, { hash, record }: RouteEntry): ScriptCall {
    const key = routeKey(hash);
    const sealed = sealRoute(this.#keyring, key, record);
    return {
      keys: [EPOCH_KEY, key, ownKey(record.uid)],
      args: [epoch, indexEntry(hash), record.uid, record.exp ?? '', sealed],
    };
  }

  #putOutcome(epoch: number, outcome: string): PutOutcome {
    if (outcome === 'CONFLICT') return 'conflict';
    if (outcome === 'EXPIRED') return 'expired';
    this.#refuse('put route', outcome, epoch);
    return 'written';
  }

  async #removeRoutes(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    const keys = hashes.map(routeKey);
    const values = await this.#link.call('read routes', ({ client }) => client.mget(...keys));
    const pairs = keys.flatMap((key, position) => [key, ownKey(claimedUid(values[position] ?? ''))]);
    const call = { keys: [EPOCH_KEY, ...pairs], args: [epoch, ...hashes.map(indexEntry)] };
    const [outcome, removed] = await this.#run('remove routes', scripts.removeRoutes, call);
    this.#refuse('remove routes', outcome, epoch);
    return Number(removed);
  }

  async #remove(action: string, epoch: number, keys: readonly string[]): Promise<number> {
    const [outcome, removed] = await this.#run(action, scripts.remove, { keys: [EPOCH_KEY, ...keys], args: [epoch] });
    this.#refuse(action, outcome, epoch);
    return Number(removed);
  }

  #run(action: string, script: Script, call: ScriptCall): Promise<ScriptReply> {
    return this.#link.call(action, ({ client }) => script.run(client, call));
  }

  #refuse(action: string, outcome: string, epoch: number): void {
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
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}
