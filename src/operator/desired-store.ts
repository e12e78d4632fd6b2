import { type Clock, delay } from '../process/clock.ts';
import type { CrispMcpServer } from '../resources/crisp-mcp-server.ts';
import { type KubernetesObject, keyFor, keyOf, type ObjectKey } from '../resources/object.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from '../routes/records.ts';
import type { RouteEntry, TokenEntry, TokenRecord } from '../routes/store.ts';
import type { TokenHash } from '../routes/token.ts';
import { type GatherAccountOptions, gatherAccount, settledRecord } from './account/gather.ts';
import { desiredApiToken } from './api-token/decide.ts';
import { type ApiTokenGatherer, secretKeyOf } from './api-token/gather.ts';
import type { ClusterView } from './cluster-view.ts';
import { desiredRoute } from './server/decide.ts';
import { isOlder, type ServerGatherer } from './server/gather.ts';
import { secretNameOf } from './server/read-spec.ts';
import type { DesiredStore, HolderOf, Holders } from './store-rebuild.ts';

/**
 * Everything that should be stored at this moment, from the same decisions that single reconciles make. Token Secrets
 * are read in pages, and only when some are unknown; those of accounts when many are. When several hold one token, the one that holds it in the store
 * keeps it; when the store does not know, the oldest has it.
 */
export interface DesiredStoreOptions {
  view: ClusterView;
  gatherer: ServerGatherer;
  apiTokens: ApiTokenGatherer;
  account: GatherAccountOptions;
  namespaces: readonly string[] | undefined;
  clock: Clock;
}

const ACCOUNTS_AT_ONCE = 16;
const MANY_CREDENTIALS = 100;
/** Other work, a lease renewal above all, gets its turn this often. */
const SERVERS_IN_A_ROW = 500;

export async function desiredStore(options: DesiredStoreOptions, holders: Holders): Promise<DesiredStore> {
  await knowTokens(options);
  await knowCredentials(options);
  const accounts = await desiredAccounts(options);
  return {
    accounts,
    routes: await desiredRoutes(options, holders.server),
    apiTokens: desiredApiTokens(options, holders.apiToken),
  };
}

async function knowTokens({ view, namespaces }: DesiredStoreOptions): Promise<void> {
  const unknown = () =>
    [...[...view.servers.list()].map(secretKey), ...[...view.apiTokens.list()].map(secretKeyOf)].filter(
      (key) => view.tokenSecrets.peek(key) === 'unknown',
    );
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

interface Claim<R extends TokenRecord> {
  readonly object: KubernetesObject;
  readonly record: R;
}

async function desiredRoutes(
  { view, gatherer, clock }: DesiredStoreOptions,
  holderOf: HolderOf,
): Promise<RouteEntry[]> {
  const claims = new Map<TokenHash, Claim<RouteRecord>>();
  let seen = 0;
  for (const cached of [...view.servers.list()]) {
    seen += 1;
    if (seen % SERVERS_IN_A_ROW === 0) await delay(clock, 0);
    const server = view.servers.get(keyOf(cached));
    const situation = server === undefined ? undefined : gatherer.peek(server);
    const route = situation === undefined ? undefined : desiredRoute(situation);
    if (server === undefined || route === undefined) continue;
    claim(claims, route, server, holderOf);
  }
  return [...claims].map(([hash, { record }]) => ({ hash, record }));
}

function desiredApiTokens({ view, apiTokens }: DesiredStoreOptions, holderOf: HolderOf): TokenEntry<ApiTokenRecord>[] {
  const claims = new Map<TokenHash, Claim<ApiTokenRecord>>();
  for (const cached of [...view.apiTokens.list()]) {
    const apiToken = view.apiTokens.get(keyOf(cached));
    const situation = apiToken === undefined ? undefined : apiTokens.peek(apiToken);
    const entry = situation === undefined ? undefined : desiredApiToken(situation);
    if (apiToken !== undefined && entry !== undefined) claim(claims, entry, apiToken, holderOf);
  }
  return [...claims].map(([hash, { record }]) => ({ hash, record }));
}

function claim<R extends TokenRecord>(
  claims: Map<TokenHash, Claim<R>>,
  { hash, record }: TokenEntry<R>,
  object: KubernetesObject,
  holderOf: HolderOf,
): void {
  const rival = claims.get(hash);
  if (rival === undefined || beats(object, rival.object, holderOf(hash))) claims.set(hash, { object, record });
}

function beats(server: KubernetesObject, rival: KubernetesObject, holder: string | undefined): boolean {
  if (holder === server.metadata.uid) return true;
  if (holder === rival.metadata.uid) return false;
  return isOlder(server, rival);
}

function secretKey(server: CrispMcpServer): string {
  return keyFor(server.metadata.namespace ?? '', secretNameOf(server));
}
