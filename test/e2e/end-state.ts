import { type Secret, secretType } from '../../src/kubernetes/core-types.ts';
import type { ObjectApi } from '../../src/kubernetes/object-api.ts';
import { type CrispAccount, crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { TOKEN_SECRET_TYPE } from '../../src/resources/names.ts';
import { LEDGER_PREFIX, parseStoreKey, routeKey } from '../../src/routes/store-keys.ts';
import { fingerprint, hashToken } from '../../src/routes/token.ts';
import type { RedisServer } from '../harness/redis.ts';

/**
 * All that matters of a namespace and its route store, without what differs from one run to the next (times, uids,
 * tokens): two runs that ended in the same place have equal end states. What must fit together is said as such: a Secret
 * and its token, a route and the Secret it belongs to.
 */
export interface EndState {
  readonly servers: readonly object[];
  readonly accounts: readonly object[];
  readonly secrets: readonly object[];
  readonly redis: readonly string[];
}

/** With the tokens that are in Secrets now, by the name of the Secret. */
export interface Observation {
  readonly state: EndState;
  readonly urls: ReadonlyMap<string, string>;
  /** `Serving` and the like, by the name of the server. */
  readonly reasons: ReadonlyMap<string, string | undefined>;
}

export async function observe(api: ObjectApi, namespace: string, redis: RedisServer): Promise<Observation> {
  const [servers, accounts, secrets, keys] = await Promise.all([
    api.list(crispMcpServerType, { namespace }),
    api.list(crispAccountType, { namespace }),
    api.list(secretType, { namespace }),
    redis.command('KEYS', '*'),
  ]);
  const tokens = secrets.items.filter(({ type }) => type === TOKEN_SECRET_TYPE);
  const tokenOf = new Map(tokens.map((secret) => [secret.metadata.name, decode(secret, 'token')]));
  const names = new Map([
    ...servers.items.map(({ metadata }): [string, string] => [metadata.uid ?? '', metadata.name]),
    ...accounts.items.map(({ metadata }): [string, string] => [metadata.uid ?? '', metadata.name]),
    ...[...tokenOf].map(([name, token]): [string, string] => [routeKey(hashToken(token)), name]),
  ]);
  return {
    state: {
      servers: servers.items.map((server) => serverState(server, tokenOf)),
      accounts: accounts.items.map(accountState),
      secrets: secrets.items.map(secretState),
      redis: operatorsKeys(keys)
        .map((key) => describeKey(key, names))
        .sort(),
    },
    urls: new Map(tokens.map((secret) => [secret.metadata.name, decode(secret, 'url')])),
    reasons: new Map(servers.items.map(({ metadata, status }) => [metadata.name, status?.reason])),
  };
}

function serverState({ metadata, spec, status }: CrispMcpServer, tokenOf: ReadonlyMap<string, string>): object {
  const token = tokenOf.get(`${metadata.name}-mcp`);
  return {
    name: metadata.name,
    finalizers: metadata.finalizers ?? [],
    deleting: metadata.deletionTimestamp !== undefined,
    reason: status?.reason,
    conditions: conditionsOf(status?.conditions),
    current: status?.observedGeneration === metadata.generation,
    tools: status?.tools?.count,
    endpoint: status?.endpoint,
    secretName: status?.secretName,
    fingerprintFits: status?.fingerprint === (token === undefined ? undefined : fingerprint(hashToken(token))),
    expiryFits: spec.expiresAt === undefined || status?.expiresAt === undefined || status.expiresAt !== 'never',
  };
}

function accountState({ metadata, status }: CrispAccount): object {
  return {
    name: metadata.name,
    finalizers: metadata.finalizers ?? [],
    deleting: metadata.deletionTimestamp !== undefined,
    reason: status?.reason,
    conditions: conditionsOf(status?.conditions),
    current: status?.observedGeneration === metadata.generation,
    credentials: status?.credentials?.map(({ tier, state }) => ({ tier, state })),
  };
}

function conditionsOf(
  conditions: readonly { type: string; status: string; reason: string; message: string }[] = [],
): object[] {
  return conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message: timeless(message) }));
}

function timeless(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>');
}

function secretState(secret: Secret): object {
  const { metadata, type, data = {} } = secret;
  const token = decode(secret, 'token');
  return {
    name: metadata.name,
    type,
    labels: metadata.labels ?? {},
    keys: Object.keys(data).sort(),
    urlFits: type !== TOKEN_SECRET_TYPE || decode(secret, 'url').endsWith(`/mcp/${token}`),
    configFits: type !== TOKEN_SECRET_TYPE || decode(secret, 'mcp.json').includes(decode(secret, 'url')),
  };
}

/** Without what gateways tell each other, which no operator has a hand in. */
function operatorsKeys(keys: unknown): string[] {
  const names = Array.isArray(keys) ? keys.map(String) : [];
  return names.filter((name) => !name.startsWith(LEDGER_PREFIX));
}

function describeKey(key: string, names: ReadonlyMap<string, string>): string {
  const parsed = parseStoreKey(key);
  const owner = (name: string | undefined) => name ?? 'nobody';
  switch (parsed.kind) {
    case 'route':
      return `route of ${owner(names.get(key))}`;
    case 'own':
    case 'account':
      return `${parsed.kind} of ${owner(names.get(parsed.uid))}`;
    default:
      return parsed.kind;
  }
}

function decode(secret: Secret, key: string): string {
  return Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
}
