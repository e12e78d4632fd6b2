import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { type Random, systemRandom } from '../process/random.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Keyring } from './keyring.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from './records.ts';
import { readInventory } from './redis/inventory.ts';
import { RedisLink } from './redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from './redis/redis-target.ts';
import { Script, type ScriptCall, type ScriptReply } from './redis/script.ts';
import { RedisTokenRecords, refuse } from './redis/token-records.ts';
import { isVerifiedIn, readInstance } from './redis/verification.ts';
import {
  accountRevision,
  apiTokenRevision,
  routeRevision,
  sealAccount,
  sealApiToken,
  sealRoute,
} from './sealed-record.ts';
import {
  firstEpoch,
  LATER_TERM,
  type PutOutcome,
  type RouteEntry,
  type RouteWriter,
  type StoreInventory,
} from './store.ts';
import { accountKey, apiTokenKey, EPOCH_KEY, routeKey, SYNCED_KEY } from './store-keys.ts';
import type { TokenHash } from './token.ts';

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
  putAccount: new Script('put-account'),
  remove: new Script('remove'),
};

interface TakenEpoch {
  readonly term: number;
  readonly epoch: number;
  readonly instance: string;
}

export class RedisRouteWriter implements RouteWriter {
  readonly apiTokens: RedisTokenRecords<ApiTokenRecord>;
  readonly #routes: RedisTokenRecords<RouteRecord>;
  readonly #link: RedisLink;
  readonly #keyring: Keyring;
  readonly #random: Random;
  readonly #name: string;
  #taken: TakenEpoch | undefined;
  /** The highest epoch of a later term that the store told of. */
  #later = 0;

  constructor(options: RedisRouteWriterOptions) {
    const { redis, keyring, random = systemRandom } = options;
    this.#keyring = keyring;
    this.#random = random;
    this.#name = random.bytes(8).toString('hex');
    const link = new RedisLink({ ...options, random, target: parseRedisTarget(redis), name: 'crisp-mcp-operator' });
    this.#link = link;
    this.#routes = new RedisTokenRecords({
      link,
      what: 'route',
      keyOf: routeKey,
      seal: (key, record) => sealRoute(keyring, key, record),
      revision: (key, record) => routeRevision(keyring, key, record),
    });
    this.apiTokens = new RedisTokenRecords({
      link,
      what: 'API token',
      keyOf: apiTokenKey,
      seal: (key, record) => sealApiToken(keyring, key, record),
      revision: (key, record) => apiTokenRevision(keyring, key, record),
    });
    link.open();
  }

  async takeEpoch(leaseTransitions: number): Promise<number> {
    const own = this.#taken?.term === leaseTransitions ? this.#taken.epoch : 0;
    const args = [firstEpoch(leaseTransitions), own, this.#name, firstEpoch(leaseTransitions + 1), this.#later];
    const [outcome, epoch, instance] = await this.#run('take epoch', scripts.takeEpoch, { keys: [EPOCH_KEY], args });
    if (outcome === 'LATER') {
      this.#later = Number(epoch);
      throw new StoreUnavailableError('take epoch', LATER_TERM);
    }
    refuse('take epoch', outcome, own);
    this.#taken = { term: leaseTransitions, epoch: Number(epoch), instance: String(instance) };
    return this.#taken.epoch;
  }

  putRoute(epoch: number, hash: TokenHash, record: RouteRecord): Promise<void> {
    return this.#routes.put(epoch, hash, record);
  }

  putRoutes(epoch: number, routes: readonly RouteEntry[]): Promise<ReadonlyMap<TokenHash, PutOutcome>> {
    return this.#routes.putMany(epoch, routes);
  }

  deleteRoutes(epoch: number, serverUid: string, keep?: TokenHash): Promise<number> {
    return this.#routes.deleteOf(epoch, serverUid, keep);
  }

  removeRoutes(epoch: number, hashes: readonly TokenHash[]): Promise<number> {
    return this.#routes.remove(epoch, hashes);
  }

  async putAccount(epoch: number, record: AccountRecord): Promise<void> {
    const key = accountKey(record.uid);
    const sealed = sealAccount(this.#keyring, this.#random, key, record);
    const call = { keys: [EPOCH_KEY, key], args: [epoch, sealed] };
    const [outcome] = await this.#run('put account', scripts.putAccount, call);
    refuse('put account', outcome, epoch);
  }

  async deleteAccount(epoch: number, accountUid: string): Promise<void> {
    const call = { keys: [EPOCH_KEY, accountKey(accountUid)], args: [epoch] };
    const [outcome] = await this.#run('delete account', scripts.remove, call);
    refuse('delete account', outcome, epoch);
  }

  inventory(): Promise<StoreInventory> {
    return this.#link.call('inventory', ({ client }) => readInventory(client, this.#keyring));
  }

  routeRevision(hash: TokenHash, record: RouteRecord): string {
    return this.#routes.revision(hash, record);
  }

  accountRevision(record: AccountRecord): string {
    return accountRevision(this.#keyring, record);
  }

  isVerified(): Promise<boolean> {
    return this.#link.call('check verification', async ({ client }) => {
      const [{ id }, mark] = await Promise.all([readInstance(client), client.get(SYNCED_KEY)]);
      return isVerifiedIn(id, mark);
    });
  }

  async markVerified(epoch: number): Promise<void> {
    const instance = this.#taken?.epoch === epoch ? this.#taken.instance : '';
    const call = { keys: [EPOCH_KEY, SYNCED_KEY], args: [epoch, instance] };
    const [outcome] = await this.#run('mark verified', scripts.markVerified, call);
    refuse('mark verified', outcome, epoch);
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  #run(action: string, script: Script, call: ScriptCall): Promise<ScriptReply> {
    return this.#link.call(action, ({ client }) => script.run(client, call));
  }
}
