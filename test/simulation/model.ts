import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../../src/kubernetes/core-types.ts';
import type { CrispAccount } from '../../src/resources/crisp-account.ts';
import type { CrispApiToken } from '../../src/resources/crisp-api-token.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import type { TokenHash } from '../../src/routes/token.ts';
import { type Claim, claimsOf, type NoToken } from './claims.ts';
import { decode } from './resources.ts';
import { accepts } from './simulated-crisp.ts';
import { API_TOKEN_KIND, type BearerKind, SERVER_KIND } from './token-bearers.ts';
import { FILTERS } from './tools.ts';

/**
 * What should be, worked out from the resources alone and independently of the production code: how each server, account
 * and API token stands, and what each token gets.
 */
export interface Expected {
  /** By name; `gone` when the resource must not exist any more. */
  readonly servers: ReadonlyMap<string, ExpectedServer | 'gone'>;
  readonly apiTokens: ReadonlyMap<string, ExpectedBearer | 'gone'>;
  readonly accounts: ReadonlyMap<string, ExpectedAccount>;
  readonly routes: ReadonlyMap<TokenHash, ExpectedRoute>;
  readonly accepted: ReadonlyMap<TokenHash, CrispApiToken>;
}

export interface ExpectedBearer {
  readonly reason: string;
  readonly conditions: readonly string[];
  /** The Secret carries a token of its own. */
  readonly hasToken: boolean;
}

export interface ExpectedServer extends ExpectedBearer {
  readonly tools: readonly string[] | undefined;
}

export interface ExpectedAccount {
  readonly reason: string;
  readonly states: readonly string[];
  /** Tier and key of each credential that calls may use. */
  readonly usable: readonly string[];
}

export interface ExpectedRoute {
  readonly server: CrispMcpServer;
  /** For a client that sends whatever else the server asks for. */
  readonly answer: 'serve' | 'unavailable';
}

export interface World {
  readonly servers: readonly CrispMcpServer[];
  readonly apiTokens: readonly CrispApiToken[];
  readonly accounts: readonly CrispAccount[];
  readonly secrets: readonly Secret[];
  readonly now: number;
  /** The uid of the resource that the store gives a token to. */
  readonly holderOf: (kind: BearerKind, hash: TokenHash) => string | undefined;
}

export function expectedOf(world: World): Expected {
  const { secrets, now, holderOf } = world;
  const accounts = new Map(world.accounts.map((account) => [account.metadata.name, expectAccount(account, world)]));
  const routes = new Map<TokenHash, ExpectedRoute>();
  const servers = new Map<string, ExpectedServer | 'gone'>();
  const serverClaims = claimsOf({
    kind: SERVER_KIND,
    objects: world.servers,
    secrets,
    now,
    holderOf: (hash) => holderOf(SERVER_KIND, hash),
  });
  for (const [server, claim] of serverClaims) {
    const account = accounts.get(server.spec.accountRef.name);
    servers.set(server.metadata.name, expectServer(server, claim, account));
    if (typeof claim === 'string') continue;
    routes.set(claim.hash, { server, answer: (account?.usable.length ?? 0) > 0 ? 'serve' : 'unavailable' });
  }
  const apiTokens = new Map<string, ExpectedBearer | 'gone'>();
  const accepted = new Map<TokenHash, CrispApiToken>();
  const apiTokenClaims = claimsOf({
    kind: API_TOKEN_KIND,
    objects: world.apiTokens,
    secrets,
    now,
    holderOf: (hash) => holderOf(API_TOKEN_KIND, hash),
  });
  for (const [apiToken, claim] of apiTokenClaims) {
    apiTokens.set(apiToken.metadata.name, expectApiToken(claim));
    if (typeof claim === 'object') accepted.set(claim.hash, apiToken);
  }
  return { servers, apiTokens, accounts, routes, accepted };
}

/** Whether an API token is good for a server, as its manifest says. */
export function mayConnect({ spec }: CrispApiToken, server: CrispMcpServer): boolean {
  const servers = spec.servers ?? [];
  return spec.scopes.includes('connect') && (servers.includes('*') || servers.includes(server.metadata.name));
}

function expectServer(
  server: CrispMcpServer,
  claim: Claim,
  account: ExpectedAccount | undefined,
): ExpectedServer | 'gone' {
  if (typeof claim === 'object') return standingOf(server, account);
  const without = withoutToken(claim);
  return without === 'gone' ? without : { ...without, tools: undefined };
}

function expectApiToken(claim: Claim): ExpectedBearer | 'gone' {
  if (typeof claim === 'string') return withoutToken(claim);
  return { reason: 'Issued', conditions: ['Ready=True'], hasToken: true };
}

function withoutToken(claim: NoToken): ExpectedBearer | 'gone' {
  if (claim === 'gone') return 'gone';
  const standing = (reason: string, ...conditions: string[]) => ({ reason, conditions, hasToken: false });
  if (claim === 'BornExpired' || claim === 'ExpiresAtPassed') return standing(claim, 'Expired=True');
  if (claim === 'SuspendRequested') return standing(claim, 'Suspended=True');
  if (claim === 'NoSecret') return standing('a Secret that does not exist');
  return standing(claim, 'Ready=False', 'Stalled=True');
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
