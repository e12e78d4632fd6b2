import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../../src/kubernetes/core-types.ts';
import type { CrispAccount } from '../../src/resources/crisp-account.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import { hashToken, isToken, type TokenHash } from '../../src/routes/token.ts';
import { decode } from './resources.ts';
import { accepts } from './simulated-crisp.ts';
import { FILTERS } from './tools.ts';

/**
 * What should be, worked out from the resources alone and independently of the production code: how each server and
 * account stands, and what each token gets. Where history decides (who holds a token that two servers want), the model
 * is told who does.
 */
export interface Expected {
  /** By name; `gone` when the resource must not exist any more. */
  readonly servers: ReadonlyMap<string, ExpectedServer | 'gone'>;
  readonly accounts: ReadonlyMap<string, ExpectedAccount>;
  readonly tokens: ReadonlyMap<TokenHash, ExpectedRoute>;
}

export interface ExpectedServer {
  readonly reason: string;
  readonly conditions: readonly string[];
  readonly tools: readonly string[] | undefined;
  /** The Secret carries a token of this server. */
  readonly hasToken: boolean;
}

export interface ExpectedAccount {
  readonly reason: string;
  readonly states: readonly string[];
  /** Tier and key of each credential that calls may use. */
  readonly usable: readonly string[];
}

export interface ExpectedRoute {
  readonly server: CrispMcpServer;
  readonly answer: 'serve' | 'unavailable';
}

export interface World {
  readonly servers: readonly CrispMcpServer[];
  readonly accounts: readonly CrispAccount[];
  readonly secrets: readonly Secret[];
  readonly now: number;
  /** The uid of the server that the store gives a token to. */
  readonly holderOf: (hash: TokenHash) => string | undefined;
}

export function expectedOf(world: World): Expected {
  const accounts = new Map(world.accounts.map((account) => [account.metadata.name, expectAccount(account, world)]));
  const tokens = new Map<TokenHash, ExpectedRoute>();
  const servers = new Map<string, ExpectedServer | 'gone'>();
  for (const server of world.servers) {
    const claim = claimOf(server, world);
    if (typeof claim === 'object') {
      const rivals = world.servers.filter((other) => isDeepStrictEqual(claimOf(other, world), claim));
      const holder = rivals.length > 1 ? world.holderOf(claim.hash) : server.metadata.uid;
      if (holder !== server.metadata.uid) {
        servers.set(server.metadata.name, stalled('TokenConflict'));
        continue;
      }
      const account = accounts.get(server.spec.accountRef.name);
      const standing = standingOf(server, account);
      servers.set(server.metadata.name, standing);
      tokens.set(claim.hash, { server, answer: (account?.usable.length ?? 0) > 0 ? 'serve' : 'unavailable' });
    } else {
      servers.set(server.metadata.name, withoutRoute(claim));
    }
  }
  return { servers, accounts, tokens };
}

type NoClaim =
  | 'gone'
  | 'BornExpired'
  | 'ExpiresAtPassed'
  | 'SuspendRequested'
  | 'SecretConflict'
  | 'TokenInvalid'
  | 'NoSecret';

/** The token that a server may serve if no other holds it, or why there is none. */
function claimOf(server: CrispMcpServer, { secrets, servers, now }: World): { hash: TokenHash } | NoClaim {
  const { name, deletionTimestamp, creationTimestamp = '' } = server.metadata;
  const { expiresAt, expirationPolicy, suspend } = server.spec;
  if (deletionTimestamp !== undefined) return 'gone';
  if (isExpired(server, now)) {
    if (Date.parse(creationTimestamp) >= Date.parse(expiresAt ?? '')) return 'BornExpired';
    return expirationPolicy === 'Retain' ? 'ExpiresAtPassed' : 'gone';
  }
  if (suspend === true) return 'SuspendRequested';
  const secret = secrets.find(({ metadata }) => metadata.name === secretNameOf(server));
  const label = secret?.metadata.labels?.['crispmcp.io/server'];
  const older = servers.some(
    (other) =>
      secretNameOf(other) === secretNameOf(server) &&
      age(other) < age(server) &&
      other.metadata.deletionTimestamp === undefined &&
      !isExpired(other, now),
  );
  if (secret === undefined) return older ? 'SecretConflict' : 'NoSecret';
  if (secret.type !== 'crispmcp.io/token' || (label ?? name) !== name) return 'SecretConflict';
  if (label === undefined && older) return 'SecretConflict';
  const token = decode(secret.data?.token);
  return isToken(token) ? { hash: hashToken(token) } : 'TokenInvalid';
}

/** Once found expired at an instant, a server stays so, whatever clocks say later. */
function isExpired({ spec, status }: CrispMcpServer, now: number): boolean {
  if (spec.expiresAt === undefined) return false;
  const found = status?.conditions?.some(({ type }) => type === 'Expired') ?? false;
  return (
    Date.parse(spec.expiresAt) <= now || (found && Date.parse(status?.expiresAt ?? '') === Date.parse(spec.expiresAt))
  );
}

function withoutRoute(claim: NoClaim): ExpectedServer | 'gone' {
  if (claim === 'gone') return 'gone';
  if (claim === 'BornExpired' || claim === 'ExpiresAtPassed') return plain(claim, ['Expired=True']);
  if (claim === 'SuspendRequested') return plain(claim, ['Suspended=True']);
  return claim === 'NoSecret' ? plain('a Secret that does not exist', []) : stalled(claim);
}

function plain(reason: string, conditions: readonly string[]): ExpectedServer {
  return { reason, conditions, tools: undefined, hasToken: false };
}

function stalled(reason: string): ExpectedServer {
  return plain(reason, ['Ready=False', 'Stalled=True']);
}

function standingOf(server: CrispMcpServer, account: ExpectedAccount | undefined): ExpectedServer {
  const notReady = { conditions: ['Ready=False'], tools: undefined, hasToken: true };
  if (account === undefined) return { ...notReady, reason: 'AccountNotFound' };
  if (account.usable.length === 0) return { ...notReady, reason: 'AccountNotReady' };
  const { methods, tags, tools } = server.spec;
  const chosen = Object.fromEntries(
    Object.entries({ methods, tags, tools }).filter(([, value]) => value !== undefined),
  );
  const known = FILTERS.find(({ filter }) => isDeepStrictEqual(filter, chosen));
  const names = account.usable.some((usable) => usable.startsWith('user ')) ? known?.asUser : known?.otherwise;
  if (names?.length === 0) return { ...notReady, reason: 'NoToolsMatched', tools: [] };
  return { reason: 'Serving', conditions: ['Ready=True'], tools: names, hasToken: true };
}

function expectAccount(account: CrispAccount, { secrets }: World): ExpectedAccount {
  const found = account.spec.credentials.map(({ tier, secretRef }) => {
    const secret = secrets.find(({ metadata }) => metadata.name === secretRef.name);
    const key = decode(secret?.data?.key);
    if (secret === undefined || key === '') return { tier, key, state: 'Missing', present: secret !== undefined };
    return { tier, key, state: accepts(key) ? 'Accepted' : 'Refused', present: true };
  });
  const usable = found.filter(({ state }) => state === 'Accepted');
  const some = usable.length > 0 ? 'SomeCredentialsUnusable' : undefined;
  const refused = found.some(({ state }) => state === 'Refused') ? 'CredentialRefused' : undefined;
  const missing = found.some(({ present }) => !present) ? 'SecretNotFound' : 'SecretIncomplete';
  return {
    reason: usable.length === found.length ? 'CredentialsAccepted' : (some ?? refused ?? missing),
    states: found.map(({ tier, state }) => `${tier} ${state}`).sort(),
    usable: usable.map(({ tier, key }) => `${tier} ${key}`).sort(),
  };
}

function secretNameOf({ spec, metadata }: CrispMcpServer): string {
  return spec.secretName ?? `${metadata.name}-mcp`;
}

function age({ metadata }: CrispMcpServer): string {
  return `${metadata.creationTimestamp} ${metadata.uid}`;
}
