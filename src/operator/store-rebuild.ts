import type { Logger } from '../process/logger.ts';
import type { AccountRecord, ApiTokenRecord } from '../routes/records.ts';
import {
  DAMAGED,
  type RouteEntry,
  type RouteWriter,
  routeRecordsOf,
  type StoreInventory,
  type TokenClaim,
  type TokenEntry,
  type TokenRecord,
  type TokenRecordWriter,
} from '../routes/store.ts';
import type { TokenHash } from '../routes/token.ts';

/**
 * Makes the store hold exactly what it should, writing only differences, and declares it verified. Removals go first,
 * so that nothing revoked outlives the moment of verification and no token is refused to its rightful server. Accounts
 * precede the routes that name them.
 */
export interface DesiredStore {
  readonly accounts: readonly AccountRecord[];
  /** At most one a hash. */
  readonly routes: readonly RouteEntry[];
  /** At most one a hash. */
  readonly apiTokens: readonly TokenEntry<ApiTokenRecord>[];
}

/** Who holds a token in the store, of servers and of API tokens. */
export interface Holders {
  readonly server: HolderOf;
  readonly apiToken: HolderOf;
}

export type HolderOf = (hash: TokenHash) => string | undefined;

export interface RebuildOptions {
  writer: RouteWriter;
  epoch: number;
  desired: (holders: Holders) => Promise<DesiredStore>;
  /** Throws when leadership is lost. */
  assertLeading: () => void;
  logger: Logger;
}

export interface RebuildResult {
  readonly stored: StoreInventory;
  /** When each record ends. */
  readonly ends: { readonly routes: Ends; readonly apiTokens: Ends };
  readonly written: number;
  readonly removed: number;
}

export type Ends = ReadonlyMap<TokenHash, number | null>;

const BATCH = 500;
const ACCOUNTS_AT_ONCE = 32;

export async function rebuildStore(options: RebuildOptions): Promise<RebuildResult> {
  const { writer, epoch, assertLeading, logger } = options;
  const inventory = await writer.inventory();
  const desired = await options.desired({
    server: holdersIn(inventory.routes),
    apiToken: holdersIn(inventory.apiTokens),
  });
  const guard = { epoch, assertLeading, logger };
  const routes = planKind(routeRecordsOf(writer), inventory.routes, desired.routes);
  const apiTokens = planKind(writer.apiTokens, inventory.apiTokens, desired.apiTokens);
  await removeWrong(routes, guard);
  await removeWrong(apiTokens, guard);

  const accounts = new Map(desired.accounts.map((record) => [record.uid, writer.accountRevision(record)]));
  const strayAccounts = [...inventory.accounts.keys()].filter((uid) => !accounts.has(uid));
  const changedAccounts = desired.accounts.filter(
    (record) => inventory.accounts.get(record.uid)?.revision !== accounts.get(record.uid),
  );
  await inBatches(strayAccounts, ACCOUNTS_AT_ONCE, async (batch) => {
    assertLeading();
    await Promise.all(batch.map((uid) => writer.deleteAccount(epoch, uid)));
  });
  await inBatches(changedAccounts, ACCOUNTS_AT_ONCE, async (batch) => {
    assertLeading();
    await Promise.all(batch.map((record) => writer.putAccount(epoch, record)));
  });

  const storedApiTokens = await writeChanged(apiTokens, guard);
  const storedRoutes = await writeChanged(routes, guard);
  assertLeading();
  await writer.markVerified(epoch);
  return {
    stored: {
      routes: storedRoutes,
      apiTokens: storedApiTokens,
      accounts: new Map([...accounts].map(([uid, revision]) => [uid, { revision }])),
    },
    ends: { routes: routes.ends, apiTokens: apiTokens.ends },
    written: routes.changed.length + apiTokens.changed.length + changedAccounts.length,
    removed: routes.wrong.length + apiTokens.wrong.length + strayAccounts.length,
  };
}

/** What must happen to the token records of one kind. */
interface KindPlan<R extends TokenRecord> {
  readonly records: TokenRecordWriter<R>;
  /** Held by the wrong one, or damaged. */
  readonly wrong: readonly TokenHash[];
  readonly changed: readonly TokenEntry<R>[];
  /** What is stored when all has been done. */
  readonly stored: Map<TokenHash, TokenClaim>;
  readonly ends: Ends;
}

interface Guard {
  readonly epoch: number;
  readonly assertLeading: () => void;
  readonly logger: Logger;
}

function planKind<R extends TokenRecord>(
  records: TokenRecordWriter<R>,
  inventory: ReadonlyMap<TokenHash, TokenClaim>,
  desired: readonly TokenEntry<R>[],
): KindPlan<R> {
  const stored = new Map(
    desired.map(({ hash, record }) => [hash, { uid: record.uid, revision: records.revision(hash, record) }]),
  );
  const owners = new Map(desired.map(({ hash, record }) => [hash, record.uid]));
  const wrong = [...inventory].flatMap(([hash, { uid, revision }]) =>
    owners.get(hash) !== uid || revision === DAMAGED ? [hash] : [],
  );
  const removed = new Set(wrong);
  const changed = desired.filter(
    ({ hash }) => removed.has(hash) || inventory.get(hash)?.revision !== stored.get(hash)?.revision,
  );
  return { records, wrong, changed, stored, ends: new Map(desired.map(({ hash, record }) => [hash, record.exp])) };
}

async function removeWrong<R extends TokenRecord>({ records, wrong }: KindPlan<R>, guard: Guard): Promise<void> {
  await inBatches(wrong, BATCH, async (batch) => {
    guard.assertLeading();
    await records.remove(guard.epoch, batch);
  });
}

async function writeChanged<R extends TokenRecord>(
  plan: KindPlan<R>,
  guard: Guard,
): Promise<Map<TokenHash, TokenClaim>> {
  const { records, changed, stored } = plan;
  await inBatches(changed, BATCH, async (batch) => {
    guard.assertLeading();
    for (const [hash, outcome] of await records.putMany(guard.epoch, batch)) {
      if (outcome !== 'written') stored.delete(hash);
      if (outcome === 'conflict')
        guard.logger.warn('A token changed hands during the rebuild; its resource is looked at again');
    }
  });
  return stored;
}

function holdersIn(claims: ReadonlyMap<TokenHash, TokenClaim>): HolderOf {
  return (hash) => {
    const claim = claims.get(hash);
    return claim === undefined || claim.revision === DAMAGED ? undefined : claim.uid;
  };
}

export interface StrayOptions {
  writer: RouteWriter;
  epoch: number;
  inventory: StoreInventory;
  isStray: (uid: string) => boolean;
  isStrayApiToken: (uid: string) => boolean;
  isStrayAccount: (uid: string) => boolean;
}

export interface Strays {
  readonly routes: readonly TokenHash[];
  readonly apiTokens: readonly TokenHash[];
  readonly accounts: readonly string[];
}

/** Removes damaged records, and those of servers, API tokens and accounts that do not exist. */
export async function removeStrays(options: StrayOptions): Promise<Strays> {
  const { writer, epoch, inventory, isStray, isStrayApiToken, isStrayAccount } = options;
  const routes = straysIn(inventory.routes, isStray);
  const apiTokens = straysIn(inventory.apiTokens, isStrayApiToken);
  const accounts = [...inventory.accounts.keys()].filter(isStrayAccount);
  await inBatches(routes, BATCH, (batch) => writer.removeRoutes(epoch, batch));
  await inBatches(apiTokens, BATCH, (batch) => writer.apiTokens.remove(epoch, batch));
  await inBatches(accounts, ACCOUNTS_AT_ONCE, (batch) =>
    Promise.all(batch.map((uid) => writer.deleteAccount(epoch, uid))),
  );
  return { routes, apiTokens, accounts };
}

function straysIn(claims: ReadonlyMap<TokenHash, TokenClaim>, isStray: (uid: string) => boolean): TokenHash[] {
  return [...claims].flatMap(([hash, { uid, revision }]) => (revision === DAMAGED || isStray(uid) ? [hash] : []));
}

async function inBatches<T>(items: readonly T[], size: number, each: (batch: readonly T[]) => Promise<unknown>) {
  for (let start = 0; start < items.length; start += size) await each(items.slice(start, start + size));
}
