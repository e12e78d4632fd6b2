import type { Logger } from '../process/logger.ts';
import type { AccountRecord } from '../routes/records.ts';
import { DAMAGED, type RouteEntry, type RouteWriter, type StoreInventory } from '../routes/store.ts';
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
}

export interface RebuildOptions {
  writer: RouteWriter;
  epoch: number;
  desired: (holderOf: (hash: TokenHash) => string | undefined) => Promise<DesiredStore>;
  /** Throws when leadership is lost. */
  assertLeading: () => void;
  logger: Logger;
}

export interface RebuildResult {
  readonly stored: StoreInventory;
  /** The end of each stored route. */
  readonly ends: ReadonlyMap<TokenHash, number | null>;
  readonly written: number;
  readonly removed: number;
}

const BATCH = 500;
const ACCOUNTS_AT_ONCE = 32;

export async function rebuildStore(options: RebuildOptions): Promise<RebuildResult> {
  const { writer, epoch, assertLeading, logger } = options;
  const inventory = await writer.inventory();
  const desired = await options.desired((hash) => {
    const route = inventory.routes.get(hash);
    return route === undefined || route.revision === DAMAGED ? undefined : route.uid;
  });
  const revisions = new Map(desired.routes.map(({ hash, record }) => [hash, writer.routeRevision(hash, record)]));
  const owners = new Map(desired.routes.map(({ hash, record }) => [hash, record.uid]));

  const wrong = [...inventory.routes].flatMap(([hash, { uid, revision }]) =>
    owners.get(hash) !== uid || revision === DAMAGED ? [hash] : [],
  );
  await inBatches(wrong, BATCH, async (batch) => {
    assertLeading();
    await writer.removeRoutes(epoch, batch);
  });
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

  const removed = new Set(wrong);
  const changed = desired.routes.filter(
    ({ hash }) => removed.has(hash) || inventory.routes.get(hash)?.revision !== revisions.get(hash),
  );
  const stored = new Map(
    desired.routes.map(({ hash, record }) => [hash, { uid: record.uid, revision: revisions.get(hash) ?? '' }]),
  );
  await inBatches(changed, BATCH, async (batch) => {
    assertLeading();
    for (const [hash, outcome] of await writer.putRoutes(epoch, batch)) {
      if (outcome !== 'written') stored.delete(hash);
      if (outcome === 'conflict')
        logger.warn('A token changed hands during the rebuild; its server is looked at again');
    }
  });
  assertLeading();
  await writer.markVerified(epoch);
  return {
    stored: { routes: stored, accounts: new Map([...accounts].map(([uid, revision]) => [uid, { revision }])) },
    ends: new Map(desired.routes.map(({ hash, record }) => [hash, record.exp])),
    written: changed.length + changedAccounts.length,
    removed: wrong.length + strayAccounts.length,
  };
}

export interface StrayOptions {
  writer: RouteWriter;
  epoch: number;
  inventory: StoreInventory;
  isStray: (uid: string) => boolean;
  isStrayAccount: (uid: string) => boolean;
}

/** Removes damaged routes, and records of servers and accounts that do not exist. */
export async function removeStrays(options: StrayOptions): Promise<{ routes: TokenHash[]; accounts: string[] }> {
  const { writer, epoch, inventory, isStray, isStrayAccount } = options;
  const routes = [...inventory.routes].flatMap(([hash, { uid, revision }]) =>
    revision === DAMAGED || isStray(uid) ? [hash] : [],
  );
  const accounts = [...inventory.accounts.keys()].filter(isStrayAccount);
  await inBatches(routes, BATCH, (batch) => writer.removeRoutes(epoch, batch));
  await inBatches(accounts, ACCOUNTS_AT_ONCE, (batch) =>
    Promise.all(batch.map((uid) => writer.deleteAccount(epoch, uid))),
  );
  return { routes, accounts };
}

async function inBatches<T>(items: readonly T[], size: number, each: (batch: readonly T[]) => Promise<unknown>) {
  for (let start = 0; start < items.length; start += size) await each(items.slice(start, start + size));
}
