import { describe, expect, it } from 'vitest';
import { secretType } from '../kubernetes/core-types.ts';
import { crispAccountType } from '../resources/crisp-account.ts';
import { crispApiTokenType } from '../resources/crisp-api-token.ts';
import { crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { API_TOKEN_SECRET_TYPE, TOKEN_SECRET_TYPE } from '../resources/names.ts';
import { Harness, NAMESPACE } from './operator-harness.ts';

/**
 * Whatever write is an operator's last before it crashes, the next one ends in the same place: same resources, same
 * Secrets, one route for each token that should live and none besides.
 */
interface Scenario {
  readonly name: string;
  readonly arrange: (h: Harness) => Promise<void>;
  /** What happens while the operator that will crash runs. */
  readonly disturb: (h: Harness) => Promise<void>;
}

const named = (name: string) => ({ namespace: NAMESPACE, name });

async function provision(h: Harness): Promise<void> {
  await h.credentials();
  await h.account();
  await h.server('support', { tags: ['support'], expiresAt: '2026-01-01T01:00:00Z' });
  await h.server('auditor', { methods: ['read'] });
  await h.apiToken('ci', { expiresAt: '2026-01-01T01:00:00Z' });
  await h.start();
  await h.operator?.stop();
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first provisioning',
    arrange: async () => undefined,
    disturb: async (h) => {
      await h.credentials();
      await h.account();
      await h.server('support', { tags: ['support'], expiresAt: '2026-01-01T01:00:00Z' });
      await h.server('auditor', { methods: ['read'] });
      await h.apiToken('ci', { expiresAt: '2026-01-01T01:00:00Z' });
    },
  },
  {
    name: 'deletion of a server',
    arrange: provision,
    disturb: (h) => h.api.delete(crispMcpServerType, named('support')),
  },
  {
    name: 'deletion of an API token',
    arrange: provision,
    disturb: (h) => h.api.delete(crispApiTokenType, named('ci')),
  },
  {
    name: 'an edit of an API token',
    arrange: provision,
    disturb: (h) => h.patchApiToken('ci', { spec: { servers: ['*'], expiresAt: '2026-02-01T00:00:00Z' } }),
  },
  {
    name: 'deletion of the Secret of an API token',
    arrange: provision,
    disturb: (h) => h.api.delete(secretType, named('ci-api-token')),
  },
  { name: 'expiry', arrange: provision, disturb: (h) => h.advance(3_600_001) },
  {
    name: 'deletion of a token Secret',
    arrange: provision,
    disturb: (h) => h.api.delete(secretType, named('support-mcp')),
  },
  {
    name: 'a new publicUrl',
    arrange: provision,
    disturb: async (h) => {
      h.publicUrl = 'https://new.example.com';
    },
  },
  {
    name: 'suspension',
    arrange: provision,
    disturb: async (h) => void (await h.patchServer('support', { spec: { suspend: true } })),
  },
  {
    name: 'deletion of the account',
    arrange: provision,
    disturb: (h) => h.api.delete(crispAccountType, named('acme')),
  },
  {
    name: 'rotation of the credential',
    arrange: provision,
    disturb: async (h) => {
      const data = { key: Buffer.from('rotated').toString('base64') };
      await h.api.mergePatch(secretType, named('acme-crisp'), { data });
    },
  },
];

describe.each(SCENARIOS)('a crash during $name', ({ arrange, disturb }) => {
  it('at any write changes nothing about where the next operator ends', async () => {
    const reference = await run(arrange, disturb, undefined);
    expect(reference.crashed).toBe(false);
    expect(reference.writes).toBeGreaterThan(2);
    for (let last = 1; last <= reference.writes; last += 1) {
      const crashed = await run(arrange, disturb, last);
      expect(crashed.crashed, `no crash at write ${last}`).toBe(true);
      expect(crashed.end, `crash after write ${last}`).toEqual(reference.end);
    }
  });
});

async function run(arrange: Scenario['arrange'], disturb: Scenario['disturb'], crashAfter: number | undefined) {
  const h = new Harness();
  await arrange(h);
  h.writes = [];
  await disturb(h);
  await h.start(crashAfter === undefined ? {} : { crashAfter });
  await h.advance(3_000);
  const writes = h.writes.length;
  const crashed = crashAfter !== undefined && writes === crashAfter;
  if (crashAfter === undefined) await h.operator?.stop();
  else h.operator?.halt();
  await h.start();
  await h.advance(3_000);
  const end = await stateOf(h);
  h.writes = [];
  await h.advance(600_001);
  expect(h.writes, 'writes although nothing changed').toEqual([]);
  await h.operator?.stop();
  return { writes, crashed, end };
}

/** All that matters, without what is random. */
async function stateOf(h: Harness) {
  const servers = (await h.api.list(crispMcpServerType)).items;
  const secrets = (await h.api.list(secretType)).items;
  const names = new Map(servers.map((server) => [server.metadata.uid, server.metadata.name]));
  const { routes, apiTokens, accounts } = await h.store.inventory();
  const tokens = secrets.filter((secret) => secret.type === TOKEN_SECRET_TYPE);
  return {
    servers: servers.map(({ metadata, status }) => ({
      name: metadata.name,
      finalizers: metadata.finalizers ?? [],
      deleting: metadata.deletionTimestamp !== undefined,
      conditions: status?.conditions?.map(({ type, status: value, reason, message }) => ({
        type,
        value,
        reason,
        message,
      })),
      tools: status?.tools,
      endpoint: status?.endpoint,
      secretName: status?.secretName,
    })),
    apiTokens: (await h.api.list(crispApiTokenType)).items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      finalizers: metadata.finalizers ?? [],
      servers: spec.servers,
      reason: status?.reason,
      expiresAt: status?.expiresAt,
    })),
    accepted: await Promise.all(
      secrets
        .filter((secret) => secret.type === API_TOKEN_SECRET_TYPE)
        .map(async ({ metadata }) => {
          const record = await h.apiTokenRecord(await h.token(metadata.name));
          return { secret: metadata.name, servers: record === 'unverified' ? record : record?.servers };
        }),
    ),
    storedApiTokens: apiTokens.size,
    accounts: (await h.api.list(crispAccountType)).items.map((account) => account.status?.reason),
    secrets: secrets.map((secret) => secret.metadata.name),
    served: await Promise.all(
      tokens.map(async ({ metadata }) => {
        const route = await h.route(await h.token(metadata.name));
        return { secret: metadata.name, route: route === 'unverified' ? route : route?.state };
      }),
    ),
    routes: [...routes.values()].map(({ uid }) => names.get(uid) ?? 'nobody').sort(),
    storedAccounts: accounts.size,
  };
}
