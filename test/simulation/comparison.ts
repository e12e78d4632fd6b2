import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../../src/resources/conditions.ts';
import type { CrispAccount } from '../../src/resources/crisp-account.ts';
import type { CrispMcpServer } from '../../src/resources/crisp-mcp-server.ts';
import { SERVER_LABEL, TOKEN_SECRET_TYPE } from '../../src/resources/names.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { fingerprint, hashToken } from '../../src/routes/token.ts';
import { type Expected, type ExpectedAccount, type ExpectedServer, expectedOf } from './model.ts';
import { decode, type Resources } from './resources.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';

/** Everything in which the world differs from the model; empty at a quiet point. */
export interface ComparisonOptions {
  resources: Resources;
  store: MemoryRouteStore;
  gateways: readonly SimulatedGateway[];
  /** Every token that ever existed. */
  tokens: Iterable<string>;
  now: number;
  publicUrl: string;
  /** Uids of Secrets that may be orphans. */
  lateSecrets: ReadonlySet<string>;
}

export async function differences(options: ComparisonOptions): Promise<string[]> {
  const { resources, store, now } = options;
  const { routes } = store.dump();
  const expected = expectedOf({
    servers: resources.servers(),
    accounts: resources.accounts(),
    secrets: resources.secrets(),
    now,
    holderOf: (hash) => routes.get(hash)?.uid,
  });
  const found = [
    ...resources.servers().flatMap((server) => inServer(server, expected.servers.get(server.metadata.name), options)),
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
  const { hasToken, tools, reason, conditions } = expected;
  const hasFields = [status?.fingerprint, status?.secretName, status?.endpoint].map((field) => field !== undefined);
  return [
    ...unlike(`${it}: reason`, status?.reason, reason),
    ...unlike(`${it}: conditions`, shown(status?.conditions), conditions),
    ...unlike(`${it}: generation`, status?.observedGeneration, metadata.generation),
    ...(tools === undefined ? [] : unlike(`${it}: tools`, status?.tools?.names ?? [], tools)),
    ...(reason === 'SuspendRequested' ? [] : unlike(`${it}: token in status`, hasFields, Array(3).fill(hasToken))),
    ...(status?.endpoint === undefined ? [] : unlike(`${it}: endpoint`, status.endpoint, `${publicUrl}/mcp`)),
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

/** No Secret of ours without its server; no live server's Secret that is out of date. */
function inSecrets({ servers }: Expected, { resources, publicUrl, lateSecrets }: ComparisonOptions): string[] {
  return resources.secrets().flatMap((secret) => {
    const label = secret.metadata.labels?.[SERVER_LABEL];
    if (secret.type !== TOKEN_SECRET_TYPE || label === undefined) return [];
    const it = `Secret ${secret.metadata.name}`;
    const owner = resources.server(label);
    const expected = servers.get(label);
    const names = owner?.spec.secretName ?? `${label}-mcp`;
    if (expected === undefined || expected === 'gone' || names !== secret.metadata.name) {
      return lateSecrets.has(secret.metadata.uid ?? '') ? [] : [`${it} is an orphan`];
    }
    if (expected.conditions.includes('Expired=True')) return [`${it} outlives its server's end`];
    if (!expected.hasToken) return [];
    const token = decode(secret.data?.token);
    return unlike(`${it}: url`, decode(secret.data?.url), `${publicUrl}/mcp/${token}`);
  });
}

/** One route for each live token and none besides; accounts with their usable credentials and none besides. */
function inStore(expected: Expected, { resources, store, now }: ComparisonOptions): string[] {
  const { routes, accounts } = store.dump();
  const alive = [...routes].filter(([, { exp }]) => exp === null || exp > now);
  const wanted = [...expected.tokens].map(([hash, { server, answer }]) => [
    fingerprint(hash),
    server.metadata.uid,
    server.spec.expiresAt === undefined ? null : Date.parse(server.spec.expiresAt),
    answer === 'serve' ? 'live' : 'unavailable',
    server.spec.methods ?? server.spec.tags ?? server.spec.tools?.except,
  ]);
  const stored = alive.map(([hash, { uid, exp, state, filter }]) => [
    fingerprint(hash),
    uid,
    exp,
    state,
    filter.methods ?? filter.tags ?? filter.except,
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
    ...unlike('accounts in the store', storedAccounts.sort(byFirst), wantedAccounts.sort(byFirst)),
  ];
}

async function inAnswers(expected: Expected, { gateways, tokens }: ComparisonOptions): Promise<string[]> {
  const found: string[] = [];
  for (const token of tokens) {
    const hash = hashToken(token);
    const answer = expected.tokens.get(hash)?.answer ?? 'notFound';
    for (const gateway of gateways) {
      const { kind } = await gateway.request(token);
      found.push(...unlike(`${gateway.process.name} on ${fingerprint(hash)}`, kind, answer));
    }
  }
  return found;
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
