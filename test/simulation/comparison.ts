import { isDeepStrictEqual } from 'node:util';
import type { Presented } from '../../src/gateway/admission.ts';
import type { Condition } from '../../src/resources/conditions.ts';
import type { CrispAccount } from '../../src/resources/crisp-account.ts';
import type { CrispApiToken } from '../../src/resources/crisp-api-token.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { fingerprint, hashToken, type TokenHash } from '../../src/routes/token.ts';
import type { Ledger } from './ledger.ts';
import {
  type Expected,
  type ExpectedAccount,
  type ExpectedBearer,
  type ExpectedServer,
  expectedOf,
  mayConnect,
} from './model.ts';
import { decode, type Resources } from './resources.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import { API_TOKEN_KIND, BEARER_KINDS, SERVER_KIND, secretNameOf, type TokenBearer } from './token-bearers.ts';

/** Everything in which the world differs from the model; empty at a quiet point. */
export interface ComparisonOptions {
  resources: Resources;
  store: MemoryRouteStore;
  gateways: readonly SimulatedGateway[];
  /** Knows every token that ever existed. */
  ledger: Ledger;
  now: number;
  publicUrl: string;
  /** Uids of Secrets that may be orphans. */
  lateSecrets: ReadonlySet<string>;
}

export async function differences(options: ComparisonOptions): Promise<string[]> {
  const { resources, store, now } = options;
  const stored = store.dump();
  const expected = expectedOf({
    servers: resources.servers(),
    apiTokens: resources.apiTokens(),
    accounts: resources.accounts(),
    secrets: resources.secrets(),
    now,
    holderOf: (kind, hash) => kind.storedIn(stored).get(hash)?.uid,
  });
  const found = [
    ...resources.servers().flatMap((server) => inServer(server, expected.servers.get(server.metadata.name), options)),
    ...resources.apiTokens().flatMap((object) => inApiToken(object, expected.apiTokens.get(object.metadata.name))),
    ...resources.accounts().flatMap((account) => inAccount(account, expected.accounts.get(account.metadata.name))),
    ...inSecrets(expected, options),
    ...inStore(expected, options),
  ];
  return found.length > 0 ? found : await inAnswers(expected, options);
}

function inServer(
  server: CrispMcpServer,
  expected: ExpectedServer | 'gone' | undefined,
  { publicUrl }: ComparisonOptions,
): string[] {
  const { status, metadata } = server;
  const it = `server ${metadata.name}`;
  if (expected === undefined || expected === 'gone') return [`${it} should be gone`];
  const { hasToken, tools, reason } = expected;
  const hasFields = [status?.fingerprint, status?.secretName, status?.endpoint].map((field) => field !== undefined);
  return [
    ...inStatus(it, server, expected),
    ...(tools === undefined ? [] : unlike(`${it}: tools`, status?.tools?.names ?? [], tools)),
    ...(reason === 'SuspendRequested' ? [] : unlike(`${it}: token in status`, hasFields, Array(3).fill(hasToken))),
    ...(status?.endpoint === undefined ? [] : unlike(`${it}: endpoint`, status.endpoint, `${publicUrl}/mcp`)),
  ];
}

function inApiToken(apiToken: CrispApiToken, expected: ExpectedBearer | 'gone' | undefined): string[] {
  const { status, metadata } = apiToken;
  const it = `API token ${metadata.name}`;
  if (expected === undefined || expected === 'gone') return [`${it} should be gone`];
  const hasFields = [status?.fingerprint, status?.secretName].map((field) => field !== undefined);
  return [
    ...inStatus(it, apiToken, expected),
    ...unlike(`${it}: token in status`, hasFields, Array(2).fill(expected.hasToken)),
  ];
}

function inStatus(it: string, { status, metadata }: TokenBearer, { reason, conditions }: ExpectedBearer): string[] {
  return [
    ...unlike(`${it}: reason`, status?.reason, reason),
    ...unlike(`${it}: conditions`, shown(status?.conditions), conditions),
    ...unlike(`${it}: generation`, status?.observedGeneration, metadata.generation),
  ];
}

function inAccount(account: CrispAccount, expected: ExpectedAccount | undefined): string[] {
  const { status, metadata } = account;
  const it = `account ${metadata.name}`;
  if (metadata.deletionTimestamp !== undefined) return [`${it} should be gone`];
  const states = (status?.credentials ?? []).map(({ tier, state }) => `${tier} ${state}`).sort();
  const ready = (expected?.usable.length ?? 0) > 0;
  return [
    ...unlike(`${it}: reason`, status?.reason, expected?.reason),
    ...unlike(`${it}: credentials`, states, expected?.states),
    ...unlike(`${it}: conditions`, shown(status?.conditions), [`Ready=${ready ? 'True' : 'False'}`]),
    ...unlike(`${it}: generation`, status?.observedGeneration, metadata.generation),
  ];
}

/** No Secret of ours without its owner; no live server's Secret that is out of date. */
function inSecrets(expected: Expected, { resources, publicUrl, lateSecrets }: ComparisonOptions): string[] {
  return resources.secrets().flatMap((secret) => {
    const kind = BEARER_KINDS.find(({ secretType }) => secretType === secret.type);
    const label = secret.metadata.labels?.[kind?.label ?? ''];
    if (kind === undefined || label === undefined) return [];
    const it = `Secret ${secret.metadata.name}`;
    const owner = kind.objects(resources).find(({ metadata }) => metadata.name === label);
    const standing = (kind === API_TOKEN_KIND ? expected.apiTokens : expected.servers).get(label);
    const isNamed = owner !== undefined && secretNameOf(kind, owner) === secret.metadata.name;
    if (!isNamed || standing === undefined || standing === 'gone') {
      return lateSecrets.has(secret.metadata.uid ?? '') ? [] : [`${it} is an orphan`];
    }
    if (standing.conditions.includes('Expired=True')) return [`${it} outlives the end of its ${kind.what}`];
    if (kind !== SERVER_KIND || !standing.hasToken) return [];
    const token = decode(secret.data?.token);
    return unlike(`${it}: url`, decode(secret.data?.url), `${publicUrl}/mcp/${token}`);
  });
}

/** One record for each live token and none besides; accounts with their usable credentials and none besides. */
function inStore(expected: Expected, { resources, store, now }: ComparisonOptions): string[] {
  const { routes, apiTokens, accounts } = store.dump();
  const wanted = [...expected.routes].map(([hash, { server, answer }]) => [
    ...claimed(hash, server),
    answer === 'serve' ? 'live' : 'unavailable',
    server.spec.requireApiTokenAuth === true ? 'api-token' : 'path',
    server.spec.methods ?? server.spec.tags ?? server.spec.tools?.except,
  ]);
  const stored = alive(routes, now).map(([hash, { uid, exp, state, auth, filter }]) => [
    fingerprint(hash),
    uid,
    exp,
    state,
    auth,
    filter.methods ?? filter.tags ?? filter.except,
  ]);
  const wantedApiTokens = [...expected.accepted].map(([hash, apiToken]) => [
    ...claimed(hash, apiToken),
    [...apiToken.spec.scopes].sort(),
    [...(apiToken.spec.servers ?? [])].sort(),
  ]);
  const storedApiTokens = alive(apiTokens, now).map(([hash, { uid, exp, scopes, servers }]) => [
    fingerprint(hash),
    uid,
    exp,
    scopes,
    servers,
  ]);
  const wantedAccounts = [...expected.accounts].flatMap(([name, { usable }]) =>
    usable.length === 0 ? [] : [[resources.account(name)?.metadata.uid, usable]],
  );
  const storedAccounts = [...accounts].map(([uid, { credentials }]) => [
    uid,
    credentials.map(({ tier, key }) => `${tier} ${key}`).sort(),
  ]);
  return [
    ...unlike('routes', stored.sort(byFirst), wanted.sort(byFirst)),
    ...unlike('API tokens in the store', storedApiTokens.sort(byFirst), wantedApiTokens.sort(byFirst)),
    ...unlike('accounts in the store', storedAccounts.sort(byFirst), wantedAccounts.sort(byFirst)),
  ];
}

/** What each token gets, with and without each API token, whether dead or alive. */
async function inAnswers(expected: Expected, { gateways, ledger }: ComparisonOptions): Promise<string[]> {
  const found: string[] = [];
  const apiTokens = [undefined, null, 'x'.repeat(43), ...ledger.apiTokens.tokens.values()];
  for (const token of ledger.routes.tokens.values()) {
    for (const apiToken of apiTokens) {
      const answer = answerTo(expected, token, apiToken);
      for (const gateway of gateways) {
        const { kind } = await gateway.request(token, apiToken);
        const what = `${fingerprint(hashToken(token))} with ${apiToken ? fingerprint(hashToken(apiToken)) : apiToken}`;
        found.push(...unlike(`${gateway.process.name} on ${what}`, kind, answer));
      }
    }
  }
  return found;
}

function answerTo({ routes, accepted }: Expected, token: string, apiToken: Presented): string {
  const route = routes.get(hashToken(token));
  if (route === undefined) return 'notFound';
  if (route.server.spec.requireApiTokenAuth !== true) return route.answer;
  if (apiToken === null) return 'notFound';
  const presented = apiToken === undefined ? undefined : accepted.get(hashToken(apiToken));
  return presented !== undefined && mayConnect(presented, route.server) ? route.answer : 'unauthorized';
}

function claimed(hash: TokenHash, { metadata, spec }: TokenBearer): unknown[] {
  return [fingerprint(hash), metadata.uid, spec.expiresAt === undefined ? null : Date.parse(spec.expiresAt)];
}

function alive<R extends { exp: number | null }>(records: ReadonlyMap<TokenHash, R>, now: number): [TokenHash, R][] {
  return [...records].filter(([, { exp }]) => exp === null || exp > now);
}

function unlike(what: string, found: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(found, expected)) return [];
  return [`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`];
}

function shown(conditions: readonly Condition[] | undefined): string[] {
  return (conditions ?? []).map(({ type, status }) => `${type}=${status}`);
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}
