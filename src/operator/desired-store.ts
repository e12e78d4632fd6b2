import { type Clock, delay } from '../process/clock.ts';
import { type KubernetesObject, keyFor, keyOf, type ObjectKey } from '../resources/object.ts';
import type { AccountRecord } from '../routes/records.ts';
import type { TokenEntry } from '../routes/store.ts';
import type { TokenHash } from '../routes/token.ts';
import { type GatherAccountOptions, gatherAccount, settledRecord } from './account/gather.ts';
import { API_TOKEN_KIND, type ApiTokenTypes } from './api-token/api-token-kind.ts';
import type { ClusterView } from './cluster-view.ts';
import { SERVER_KIND } from './server/server-kind.ts';
import type { ServerTypes } from './server/situation.ts';
import type { DesiredStore, HolderOf, Holders } from './store-rebuild.ts';
import { desiredRecord } from './token-owner/decide.ts';
import { isOlder, type OwnerGatherer, secretKeyOf } from './token-owner/gather.ts';
import type { OwnerKind } from './token-owner/owner-kind.ts';
import type { OwnerTypes } from './token-owner/situation.ts';

/**
 * Everything that should be stored at this moment, from the same decisions that single reconciles make. Token Secrets
 * are read in pages, and only when some are unknown; those of accounts when many are. When several hold one token, the one that holds it in the store
 * keeps it; when the store does not know, the oldest has it.
 */
export interface DesiredStoreOptions {
  view: ClusterView;
  servers: OwnerGatherer<ServerTypes>;
  apiTokens: OwnerGatherer<ApiTokenTypes>;
  account: GatherAccountOptions;
  namespaces: readonly string[] | undefined;
  clock: Clock;
}

const ACCOUNTS_AT_ONCE = 16;
const MANY_CREDENTIALS = 100;
/** Other work, a lease renewal above all, gets its turn this often. */
const OWNERS_IN_A_ROW = 500;

export async function desiredStore(options: DesiredStoreOptions, holders: Holders): Promise<DesiredStore> {
  await knowTokens(options);
  await knowCredentials(options);
  const accounts = await desiredAccounts(options);
  return {
    accounts,
    routes: await desiredRecords(SERVER_KIND, options.servers, options, holders.server),
    apiTokens: await desiredRecords(API_TOKEN_KIND, options.apiTokens, options, holders.apiToken),
  };
}

async function knowTokens({ view, namespaces }: DesiredStoreOptions): Promise<void> {
  const unknown = () =>
    [
      ...[...view.servers.list()].map((server) => secretKeyOf(SERVER_KIND, server)),
      ...[...view.apiTokens.list()].map((apiToken) => secretKeyOf(API_TOKEN_KIND, apiToken)),
    ].filter((key) => view.tokenSecrets.peek(key) === 'unknown');
  if (unknown().length === 0) return;
  await view.tokenSecrets.prime(namespaces);
  // Secrets that a user brought and that carry no label yet, and those that changed while the pages were read.
  for (const key of unknown()) await view.tokenSecrets.reread(key);
}

/** One by one they would take the time of the rate limit, during which nothing can be revoked. */
async function knowCredentials({ view, namespaces }: DesiredStoreOptions): Promise<void> {
  const unread = new Set<ObjectKey>();
  for (const { metadata, spec } of view.accounts.list()) {
    for (const { secretRef } of spec.credentials) {
      const key = keyFor(metadata.namespace ?? '', secretRef.name);
      if (view.credentials.isUnread(key)) unread.add(key);
    }
  }
  if (unread.size >= MANY_CREDENTIALS) await view.credentials.prime(namespaces, unread);
}

async function desiredAccounts({ view, account }: DesiredStoreOptions): Promise<AccountRecord[]> {
  const waiting = [...view.accounts.list()];
  const records: AccountRecord[] = [];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const record = settledRecord(await gatherAccount(next, account));
      if (record !== undefined) records.push(record);
    }
  };
  await Promise.all(Array.from({ length: ACCOUNTS_AT_ONCE }, work));
  return records;
}

interface Claim<R> {
  readonly owner: KubernetesObject;
  readonly record: R;
}

async function desiredRecords<T extends OwnerTypes>(
  kind: OwnerKind<T>,
  gatherer: OwnerGatherer<T>,
  { view, clock }: DesiredStoreOptions,
  holderOf: HolderOf,
): Promise<TokenEntry<T['record']>[]> {
  const { fresh } = kind.seenIn(view);
  const claims = new Map<TokenHash, Claim<T['record']>>();
  let seen = 0;
  for (const cached of [...fresh.list()]) {
    seen += 1;
    if (seen % OWNERS_IN_A_ROW === 0) await delay(clock, 0);
    const owner = fresh.get(keyOf(cached));
    const situation = owner === undefined ? undefined : gatherer.peek(owner);
    const entry = situation === undefined ? undefined : desiredRecord(kind, situation);
    if (owner === undefined || entry === undefined) continue;
    const rival = claims.get(entry.hash);
    const wins = rival === undefined || beats(owner, rival.owner, holderOf(entry.hash));
    if (wins) claims.set(entry.hash, { owner, record: entry.record });
  }
  return [...claims].map(([hash, { record }]) => ({ hash, record }));
}

function beats(owner: KubernetesObject, rival: KubernetesObject, holder: string | undefined): boolean {
  if (holder === owner.metadata.uid) return true;
  if (holder === rival.metadata.uid) return false;
  return isOlder(owner, rival);
}
