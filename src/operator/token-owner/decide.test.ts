import { describe, expect, it } from 'vitest';
import type { CrispMcpServer, CrispMcpServerSpec } from '../../resources/crisp-mcp-server.ts';
import { SERVER_FINALIZER, TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import type { ObjectMeta } from '../../resources/object.ts';
import { hashToken } from '../../routes/token.ts';
import { SERVER_KIND } from '../server/server-kind.ts';
import type { ServerSituation } from '../server/situation.ts';
import { decide } from './decide.ts';
import type { TokenSecretFacts } from './token-secret.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const HASH = hashToken('t'.repeat(43));
const OK_STORE = { failed: false, recordOutlived: false, abandonRecord: false };

function server(spec: Partial<CrispMcpServerSpec> = {}, metadata: Partial<ObjectMeta> = {}): CrispMcpServer {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispMcpServer',
    metadata: {
      name: 'support',
      namespace: 'default',
      uid: 'u1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: [SERVER_FINALIZER],
      ...metadata,
    },
    spec: { accountRef: { name: 'acme' }, ...spec },
  };
}

function secret(fields: Partial<TokenSecretFacts> = {}): TokenSecretFacts {
  return {
    name: 'support-mcp',
    uid: 's1',
    resourceVersion: '1',
    type: TOKEN_SECRET_TYPE,
    label: 'support',
    deleting: false,
    immutable: false,
    token: { kind: 'valid', hash: HASH },
    derived: { endpoint: 'https://mcp.example.com/mcp', configName: 'support', expiresAt: 'never' },
    ...fields,
  };
}

function situation({
  server: owner = server(),
  ...fields
}: Partial<ServerSituation> & { server?: CrispMcpServer } = {}): ServerSituation {
  return {
    now: NOW,
    publicUrl: 'https://mcp.example.com',
    owner,
    spec: SERVER_KIND.read(owner),
    account: { kind: 'usable', uid: 'a1', tiers: ['plugin'] },
    secret: secret(),
    secretRival: undefined,
    tokenHolder: undefined,
    tools: { selected: 2, names: ['one', 'two'] },
    store: OK_STORE,
    ...fields,
  };
}

const deleting = { deletionTimestamp: '2026-01-01T11:00:00Z' };
const EXPIRED = '2026-01-01T11:00:00Z';
const expiring = (fields: Partial<CrispMcpServerSpec>) =>
  secret({ derived: { ...secret().derived, expiresAt: fields.expiresAt ?? 'never' } });

interface Row {
  readonly when: string;
  readonly given: ServerSituation;
  readonly steps: string[];
  readonly reason: string | undefined;
  readonly says?: RegExp;
  readonly conditions?: string[];
}

const TABLE: readonly Row[] = [
  {
    when: 'new: finalizer before Secret, nothing published before both exist',
    given: situation({ server: server({}, { finalizers: [] }), secret: undefined }),
    steps: ['addFinalizer', 'deleteRecords', 'createTokenSecret'],
    reason: undefined,
  },
  {
    when: 'its Secret exists: published, other routes of it gone first',
    given: situation(),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'Serving',
    says: /^Serving 2 tools\. The URL is in Secret "support-mcp"/,
    conditions: ['Ready=True'],
  },
  {
    when: 'a restored Secret without a finalizer on the server: finalizer first',
    given: situation({ server: server({}, { finalizers: ['other/one'] }) }),
    steps: ['addFinalizer', 'deleteRecords', 'putRecord'],
    reason: 'Serving',
  },
  {
    when: 'its Secret was deleted: the old route goes before another token is made',
    given: situation({ secret: undefined }),
    steps: ['deleteRecords', 'createTokenSecret'],
    reason: undefined,
  },
  {
    when: 'its Secret is being deleted: nothing is served from it any more',
    given: situation({ secret: secret({ deleting: true }) }),
    steps: ['deleteRecords'],
    reason: 'Provisioning',
    conditions: ['Ready=Unknown', 'Reconciling=True'],
  },
  {
    when: 'publicUrl changed: the Secret follows before the route is looked at',
    given: situation({ publicUrl: 'https://new.example.com/' }),
    steps: ['updateTokenSecret', 'deleteRecords', 'putRecord'],
    reason: 'Serving',
  },
  {
    when: 'publicUrl changed, the Secret is immutable: said, not tried',
    given: situation({ publicUrl: 'https://new.example.com/', secret: secret({ immutable: true }) }),
    steps: ['deleteRecords'],
    reason: 'SecretConflict',
    says: /immutable/,
  },
  {
    when: 'a Secret of another type has the name: never adopted',
    given: situation({ secret: secret({ type: 'Opaque', label: undefined }) }),
    steps: ['deleteRecords'],
    reason: 'SecretConflict',
    says: /Secret "support-mcp" exists and is not of type crispmcp\.io\/token.*another secretName/,
    conditions: ['Ready=False', 'Stalled=True'],
  },
  {
    when: 'the Secret is labelled for another server: never adopted',
    given: situation({ secret: secret({ label: 'other' }) }),
    steps: ['deleteRecords'],
    reason: 'SecretConflict',
    says: /belongs to another CrispMcpServer .*"other"/,
  },
  {
    when: 'an older server names the same Secret and there is none yet: the younger one waits',
    given: situation({ secret: undefined, secretRival: 'elder' }),
    steps: ['deleteRecords'],
    reason: 'SecretConflict',
    says: /"elder" names Secret "support-mcp" too/,
  },
  {
    when: 'a user brought the Secret: labelled and completed',
    given: situation({
      secret: secret({
        label: undefined,
        derived: { endpoint: undefined, configName: undefined, expiresAt: undefined },
      }),
    }),
    steps: ['updateTokenSecret', 'deleteRecords', 'putRecord'],
    reason: 'Serving',
  },
  {
    when: 'the token that a user brought is malformed',
    given: situation({ secret: secret({ label: undefined, token: { kind: 'malformed' } }) }),
    steps: ['deleteRecords'],
    reason: 'TokenInvalid',
    says: /43 to 128 characters.*delete the Secret/,
    conditions: ['Ready=False', 'Stalled=True'],
  },
  {
    when: 'the Secret lacks a token',
    given: situation({ secret: secret({ token: { kind: 'absent' } }) }),
    steps: ['deleteRecords'],
    reason: 'TokenInvalid',
    says: /has no token/,
  },
  {
    when: 'another server holds the token: the holder keeps it',
    given: situation({ tokenHolder: 'default/first' }),
    steps: ['deleteRecords'],
    reason: 'TokenConflict',
    says: /default\/first/,
    conditions: ['Ready=False', 'Stalled=True'],
  },
  {
    when: 'the account does not exist: published as unavailable',
    given: situation({ account: { kind: 'missing' }, tools: undefined }),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'AccountNotFound',
    says: /no CrispAccount "acme".*create it.*503/,
  },
  {
    when: 'the account cannot be used: published as unavailable, with its own words',
    given: situation({
      account: { kind: 'unusable', uid: 'a1', pending: false, explanation: 'Crisp says no.' },
      tools: undefined,
    }),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'AccountNotReady',
    says: /Crisp says no\./,
    conditions: ['Ready=False'],
  },
  {
    when: 'the account is being checked: nothing is wrong yet',
    given: situation({
      account: { kind: 'unusable', uid: 'a1', pending: true, explanation: 'Asking Crisp.' },
      tools: undefined,
    }),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'Provisioning',
    conditions: ['Ready=Unknown', 'Reconciling=True'],
  },
  {
    when: 'the filter matches nothing: published with an empty list',
    given: situation({ tools: { selected: 0, names: [] } }),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'NoToolsMatched',
    says: /No tool matches/,
  },
  {
    when: 'the filter matches only what the account may not do',
    given: situation({ tools: { selected: 4, names: [] } }),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'NoToolsMatched',
    says: /selects 4 tools.*\(plugin\)/,
  },
  {
    when: 'suspended: route gone, token kept',
    given: situation({ server: server({ suspend: true }) }),
    steps: ['deleteRecords'],
    reason: 'SuspendRequested',
    conditions: ['Suspended=True'],
  },
  {
    when: 'suspended, with a Secret that a user brought: the finalizer before the label',
    given: situation({ server: server({ suspend: true }, { finalizers: [] }), secret: secret({ label: undefined }) }),
    steps: ['addFinalizer', 'deleteRecords', 'updateTokenSecret'],
    reason: 'SuspendRequested',
    conditions: ['Suspended=True'],
  },
  {
    when: 'suspended, but the store does not answer: not called suspended yet',
    given: situation({ server: server({ suspend: true }), store: { ...OK_STORE, failed: true } }),
    steps: ['deleteRecords'],
    reason: 'StoreUnavailable',
    conditions: ['Ready=False'],
  },
  {
    when: 'expired with Delete: route, Secret, resource',
    given: situation({ server: server({ expiresAt: EXPIRED }), secret: expiring({ expiresAt: EXPIRED }) }),
    steps: ['deleteRecords', 'deleteTokenSecret', 'deleteOwner'],
    reason: undefined,
  },
  {
    when: 'at the very millisecond of expiresAt: expired',
    given: situation({ server: server({ expiresAt: '2026-01-01T12:00:00Z' }) }),
    steps: ['deleteRecords', 'deleteTokenSecret', 'deleteOwner'],
    reason: undefined,
  },
  {
    when: 'expired with Retain: route and Secret go, the resource stays',
    given: situation({ server: server({ expiresAt: EXPIRED, expirationPolicy: 'Retain' }) }),
    steps: ['deleteRecords', 'deleteTokenSecret'],
    reason: 'ExpiresAtPassed',
    conditions: ['Expired=True'],
  },
  {
    when: 'born expired: kept, never deleted, never served',
    given: situation({ server: server({ expiresAt: '2026-01-01T00:00:00Z' }), secret: undefined }),
    steps: ['deleteRecords'],
    reason: 'BornExpired',
    says: /kept and not served/,
  },
  {
    when: 'expired and suspended: expiry wins',
    given: situation({ server: server({ expiresAt: EXPIRED, expirationPolicy: 'Retain', suspend: true }) }),
    steps: ['deleteRecords', 'deleteTokenSecret'],
    reason: 'ExpiresAtPassed',
  },
  {
    when: 'expired, the Secret is foreign: left alone',
    given: situation({
      server: server({ expiresAt: EXPIRED, expirationPolicy: 'Retain' }),
      secret: secret({ type: 'Opaque', label: undefined }),
    }),
    steps: ['deleteRecords'],
    reason: 'ExpiresAtPassed',
  },
  {
    when: 'expired, store failing, route known to be past its end: goes on without the store',
    given: situation({
      server: server({ expiresAt: EXPIRED }),
      store: { failed: true, recordOutlived: true, abandonRecord: false },
    }),
    steps: ['deleteTokenSecret', 'deleteOwner'],
    reason: undefined,
  },
  {
    when: 'expired, store failing, route not known to be dead: waits',
    given: situation({ server: server({ expiresAt: EXPIRED }), store: { ...OK_STORE, failed: true } }),
    steps: ['deleteRecords'],
    reason: 'StoreUnavailable',
  },
  {
    when: 'deleted: routes, Secret, finalizer',
    given: situation({ server: server({}, deleting) }),
    steps: ['deleteRecords', 'deleteTokenSecret', 'removeFinalizer'],
    reason: undefined,
  },
  {
    when: 'deleted, its Secret foreign: left alone',
    given: situation({ server: server({}, deleting), secret: secret({ label: 'other' }) }),
    steps: ['deleteRecords', 'removeFinalizer'],
    reason: undefined,
  },
  {
    when: 'deleted while another finalizer holds it: nothing more to do',
    given: situation({ server: server({}, { ...deleting, finalizers: ['other/one'] }) }),
    steps: ['deleteRecords'],
    reason: undefined,
  },
  {
    when: 'deleted, store failing: the finalizer stays',
    given: situation({ server: server({}, deleting), store: { ...OK_STORE, failed: true } }),
    steps: ['deleteRecords'],
    reason: 'StoreUnavailable',
    says: /deleted as soon as its URL is known to be dead/,
  },
  {
    when: 'deleted, store failing, route past its end: the finalizer goes',
    given: situation({
      server: server({}, deleting),
      store: { failed: true, recordOutlived: true, abandonRecord: false },
    }),
    steps: ['deleteTokenSecret', 'removeFinalizer'],
    reason: undefined,
  },
  {
    when: 'deleted, store failing for long, namespace ending: let go with a warning',
    given: situation({
      server: server({}, deleting),
      store: { failed: true, recordOutlived: false, abandonRecord: true },
    }),
    steps: ['deleteTokenSecret', 'warnRecordAbandoned', 'removeFinalizer'],
    reason: undefined,
  },
  {
    when: 'the spec cannot be read: fail closed',
    given: situation({ server: server({ expiresAt: 'whenever' }) }),
    steps: ['deleteRecords'],
    reason: 'InvalidSpec',
    says: /spec\.expiresAt/,
    conditions: ['Ready=False', 'Stalled=True'],
  },
  {
    when: 'the store does not take the route: said, with what to check',
    given: situation({ store: { ...OK_STORE, failed: true } }),
    steps: ['deleteRecords', 'putRecord'],
    reason: 'StoreUnavailable',
    says: /not in effect yet.*check the store/,
  },
];

describe('a server that is', () => {
  it.each(TABLE)('$when', ({ given, steps, reason, says, conditions }) => {
    const decision = decide(SERVER_KIND, given);
    expect(decision.steps.map((step) => step.do)).toEqual(steps);
    expect(decision.status?.reason).toBe(reason);
    const states = decision.status?.conditions ?? [];
    if (says !== undefined) expect(states[0]?.message).toMatch(says);
    if (conditions !== undefined) expect(states.map(({ type, status }) => `${type}=${status}`)).toEqual(conditions);
    expect(decision.again).toBe(steps.includes('createTokenSecret'));
  });
});

it('wakes when it expires', () => {
  expect(decide(SERVER_KIND, situation({ server: server({ expiresAt: '2026-01-01T13:00:00Z' }) })).wakeAt).toBe(
    Date.parse('2026-01-01T13:00:00Z'),
  );
});

it('publishes exactly what the spec says', () => {
  const given = situation({
    server: server({
      displayName: 'Support',
      tags: ['b', 'a'],
      expiresAt: '2026-02-01T00:00:00.250Z',
      rateLimit: { requestsPerMinute: 90 },
    }),
  });
  const put = decide(SERVER_KIND, given).steps.find((step) => step.do === 'putRecord');
  expect(put).toEqual({
    do: 'putRecord',
    hash: HASH,
    record: {
      uid: 'u1',
      namespace: 'default',
      name: 'support',
      displayName: 'Support',
      exp: Date.parse('2026-02-01T00:00:00.250Z'),
      filter: { tags: ['a', 'b'] },
      accountUid: 'a1',
      auth: 'path',
      rateLimit: { perMinute: 90, burst: 15 },
      state: 'live',
    },
  });
});
