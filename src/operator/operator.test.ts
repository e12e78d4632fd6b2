import { describe, expect, it } from 'vitest';
import { secretType } from '../kubernetes/core-types.ts';
import { findCondition } from '../resources/conditions.ts';
import { crispAccountType } from '../resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { SERVER_LABEL, TOKEN_SECRET_TYPE } from '../resources/names.ts';
import { Harness, NAMESPACE } from './operator-harness.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();

/** A ready account and one server, `support`, ready too. */
async function serving(spec: Partial<CrispMcpServer['spec']> = {}): Promise<Harness> {
  const h = new Harness();
  await h.credentials();
  await h.account();
  await h.server('support', spec);
  await h.start();
  expect((await h.getServer('support'))?.status?.reason).toBe('Serving');
  return h;
}

async function reasonOf(h: Harness, name: string): Promise<string | undefined> {
  return (await h.getServer(name))?.status?.reason;
}

async function readyMessage(h: Harness, name: string): Promise<string | undefined> {
  return findCondition((await h.getServer(name))?.status?.conditions, 'Ready')?.message;
}

describe('an applied server', () => {
  it('becomes Ready, with a URL in its Secret that the store knows', async () => {
    const h = new Harness();
    await h.credentials();
    const account = await h.account();
    await h.server('support', { tags: ['support'], expiresAt: '2026-01-02T00:00:00Z' });
    await h.start();

    const server = await h.getServer('support');
    expect(server?.status).toMatchObject({
      reason: 'Serving',
      tools: { count: 2, names: ['list_conversations', 'send_message'] },
      secretName: 'support-mcp',
      endpoint: 'https://mcp.example.com/mcp',
      expiresAt: '2026-01-02T00:00:00Z',
    });
    expect(findCondition(server?.status?.conditions, 'Ready')?.status).toBe('True');
    const token = await h.token('support-mcp');
    expect(await h.route(token)).toMatchObject({ state: 'live', accountUid: account.metadata.uid });
    expect((await h.accountRecord(account.metadata.uid ?? ''))?.credentials).toHaveLength(1);
    expect(JSON.stringify([server, h.events, h.writes])).not.toContain(token);
    const secret = await h.getSecret('support-mcp');
    expect(secret).toMatchObject({ type: TOKEN_SECRET_TYPE, metadata: { labels: { [SERVER_LABEL]: 'support' } } });
    expect(decode(secret?.data?.url)).toBe(`https://mcp.example.com/mcp/${token}`);
    expect(JSON.parse(decode(secret?.data?.['mcp.json']))).toEqual({
      mcpServers: { support: { type: 'http', url: `https://mcp.example.com/mcp/${token}` } },
    });
  });

  it('costs no more writes than the finalizer, the Secret, the route and one status', async () => {
    const h = await serving();
    h.writes = [];
    await h.server('second');
    await h.settle();
    expect(h.writes).toEqual([
      'API patch CrispMcpServer default/second',
      'API create Secret default/second-mcp',
      'store putRoute',
      'API patch CrispMcpServer default/second status',
    ]);
  });

  it('causes no write at all when everything is looked at again', async () => {
    const h = await serving({ expiresAt: '2026-06-01T00:00:00Z' });
    await h.server('paused', { suspend: true });
    await h.server('born-dead', { expiresAt: '2020-01-01T00:00:00Z' });
    await h.server('empty', { tags: ['no-such-tag'] });
    await h.server('orphan', { accountRef: { name: 'nobody' } });
    await h.settle();
    h.writes = [];
    await h.advance(600_001);
    await h.advance(600_001);
    expect(h.writes).toEqual([]);
  });

  it('costs a new operator no write but the epoch and the verification', async () => {
    const h = await serving();
    await h.operator?.stop();
    h.writes = [];
    await h.start();
    expect(h.writes).toEqual(['store takeEpoch', 'store markVerified']);
  });

  it('follows an edit of its filter', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    await h.patchServer('support', { spec: { methods: ['read'] } });
    expect((await h.getServer('support'))?.status?.tools?.count).toBe(1);
    expect(await h.route(token)).toMatchObject({ filter: { methods: ['read'] } });
  });
});

describe('the account of a server', () => {
  it('that does not exist leaves the URL at 503, and the server Ready once it is created', async () => {
    const h = new Harness();
    await h.credentials();
    await h.server('support');
    await h.start();
    expect(await reasonOf(h, 'support')).toBe('AccountNotFound');
    expect(await readyMessage(h, 'support')).toContain('CrispAccount "acme"');
    expect(await h.route(await h.token('support-mcp'))).toMatchObject({ state: 'unavailable', accountUid: null });
    await h.account();
    await h.settle();
    expect(await reasonOf(h, 'support')).toBe('Serving');
    expect(await h.route(await h.token('support-mcp'))).toMatchObject({ state: 'live' });
  });

  it('loses its record and its servers their state when its Secret is deleted, and both heal', async () => {
    const h = await serving();
    const uid = (await h.getAccount())?.metadata.uid ?? '';
    await h.api.delete(secretType, { namespace: NAMESPACE, name: 'acme-crisp' });
    await h.settle();
    expect((await h.getAccount())?.status).toMatchObject({ reason: 'SecretNotFound' });
    expect(await h.accountRecord(uid)).toBeUndefined();
    expect(await reasonOf(h, 'support')).toBe('AccountNotReady');
    expect(await readyMessage(h, 'support')).toContain('"acme-crisp"');
    await h.credentials();
    await h.settle();
    expect(await h.accountRecord(uid)).toBeDefined();
    expect(await reasonOf(h, 'support')).toBe('Serving');
  });

  it('is asked about once, and again only when the credential changes', async () => {
    const h = await serving();
    expect(h.checker.asked).toHaveLength(1);
    await h.advance(600_001);
    await h.operator?.stop();
    await h.start();
    expect(h.checker.asked).toHaveLength(1);
    await h.api.mergePatch(
      secretType,
      { namespace: NAMESPACE, name: 'acme-crisp' },
      { data: { key: encode('rotated') } },
    );
    await h.settle();
    expect(h.checker.asked).toHaveLength(2);
    const record = await h.accountRecord((await h.getAccount())?.metadata.uid ?? '');
    expect(record?.credentials).toEqual([{ tier: 'plugin', identifier: 'identifier', key: 'rotated' }]);
    expect(JSON.stringify([await h.getAccount(), h.events])).not.toContain('rotated');
  });

  it('is refused by Crisp: said with the remedy, stored without the credential, not asked again', async () => {
    const h = new Harness();
    h.checker.verdict = { kind: 'refused', message: 'Crisp refuses the token (invalid_session).' };
    await h.credentials();
    await h.account();
    await h.start();
    const status = (await h.getAccount())?.status;
    expect(status).toMatchObject({ reason: 'CredentialRefused', credentials: [{ state: 'Refused' }] });
    expect(findCondition(status?.conditions, 'Ready')?.message).toMatch(/invalid_session.*Correct Secret "acme-crisp"/);
    await h.advance(3_600_000);
    expect(h.checker.asked).toHaveLength(1);
    await h.api.delete(secretType, { namespace: NAMESPACE, name: 'acme-crisp' });
    await h.credentials();
    await h.settle();
    expect(h.checker.asked).toHaveLength(2);
  });

  it('is asked about again with growing delay while Crisp cannot be reached', async () => {
    const h = new Harness();
    h.checker.verdict = { kind: 'unknown', message: 'Crisp did not answer.', retryAfterSeconds: 30 };
    await h.credentials();
    await h.account();
    await h.start();
    expect((await h.getAccount())?.status).toMatchObject({ reason: 'CrispUnreachable' });
    await h.advance(29_000);
    expect(h.checker.asked).toHaveLength(1);
    h.checker.verdict = { kind: 'accepted' };
    await h.advance(2_000);
    expect(h.checker.asked).toHaveLength(2);
    expect((await h.getAccount())?.status).toMatchObject({ reason: 'CredentialsAccepted', tiers: 'plugin' });
  });

  it.each([
    ['its Secret is deleted', (h: Harness) => h.api.delete(secretType, { namespace: NAMESPACE, name: 'acme-crisp' })],
    [
      'its origin is refused',
      (h: Harness) =>
        h.api.mergePatch(
          crispAccountType,
          { namespace: NAMESPACE, name: 'acme' },
          { spec: { apiUrl: 'https://evil.example.com' } },
        ),
    ],
  ])('rests, although Crisp gave no answer, once %s', async (_, change) => {
    const h = new Harness();
    h.checker.verdict = { kind: 'unknown', message: 'Crisp did not answer.' };
    await h.credentials();
    await h.account();
    await h.start();
    await change(h);
    await h.advance(20_000);
    expect(h.operator?.idle).toBe(true);
    expect(h.checker.asked).toHaveLength(1);
  });

  it('is not read one by one by a new leader when there are many', async () => {
    const h = new Harness();
    for (let index = 0; index < 120; index += 1) {
      await h.credentials(`crisp-${index}`);
      await h.account(`a${index}`, { credentials: [{ tier: 'plugin', secretRef: { name: `crisp-${index}` } }] });
    }
    await h.start();
    h.operator?.halt();
    let reads = 0;
    const get = h.api.get.bind(h.api);
    h.api.get = (type, reference) => {
      if (type.kind === 'Secret') reads += 1;
      return get(type, reference);
    };
    h.writes = [];
    await h.start();
    // The reconciles that wait for the rebuild have read theirs.
    expect(reads).toBeLessThan(20);
    expect(h.operator?.storeState).toBe('synced');
    expect(h.writes).toEqual(['store takeEpoch', 'store markVerified']);
    expect(h.checker.asked).toHaveLength(120);
  });

  it('names an origin that is not allowed: no credential is sent there', async () => {
    const h = new Harness();
    await h.credentials();
    await h.account('acme', { apiUrl: 'https://evil.example.com' });
    await h.start();
    expect((await h.getAccount())?.status).toMatchObject({ reason: 'ApiUrlNotAllowed' });
    expect(h.checker.asked).toEqual([]);
  });

  it('is deleted: record and finalizer go, its servers become unavailable', async () => {
    const h = await serving();
    const uid = (await h.getAccount())?.metadata.uid ?? '';
    await h.api.delete(crispAccountType, { namespace: NAMESPACE, name: 'acme' });
    await h.settle();
    expect(await h.getAccount()).toBeUndefined();
    expect(await h.accountRecord(uid)).toBeUndefined();
    expect(await reasonOf(h, 'support')).toBe('AccountNotFound');
    expect(await h.route(await h.token('support-mcp'))).toMatchObject({ state: 'unavailable' });
  });
});

describe('expiry', () => {
  it('deletes the resource, its Secret and its route at expiresAt', async () => {
    const h = await serving({ expiresAt: '2026-01-01T01:00:00Z' });
    const token = await h.token('support-mcp');
    await h.advance(3_600_000 - 1_000);
    expect(await h.getServer('support')).toBeDefined();
    await h.advance(1_000);
    expect(await h.getServer('support')).toBeUndefined();
    expect(await h.getSecret('support-mcp')).toBeUndefined();
    expect(await h.route(token)).toBeUndefined();
    expect(h.events.at(-1)).toMatchObject({ reason: 'ExpiresAtPassed', action: 'Delete' });
  });

  it('keeps the resource with Retain; an extension issues another token', async () => {
    const h = await serving({ expiresAt: '2026-01-01T01:00:00Z', expirationPolicy: 'Retain' });
    const token = await h.token('support-mcp');
    await h.advance(3_600_000);
    const expired = await h.getServer('support');
    expect(expired?.status?.conditions?.map((c) => c.type)).toEqual(['Expired']);
    expect(await h.getSecret('support-mcp')).toBeUndefined();
    await h.patchServer('support', { spec: { expiresAt: '2026-01-01T05:00:00Z' } });
    const renewed = await h.token('support-mcp');
    expect(renewed).not.toBe(token);
    expect(await h.route(renewed)).toMatchObject({ state: 'live' });
    expect(await h.route(token)).toBeUndefined();
  });

  it('keeps a resource that was born expired, and never serves it', async () => {
    const h = await serving();
    await h.server('again', { expiresAt: '2025-12-31T00:00:00Z' });
    await h.advance(120_000);
    expect((await h.getServer('again'))?.status).toMatchObject({ reason: 'BornExpired' });
    expect(await h.getSecret('again-mcp')).toBeUndefined();
  });

  it('does not bring a server back when the clock is set back', async () => {
    const h = await serving({ expiresAt: '2026-01-01T01:00:00Z', expirationPolicy: 'Retain' });
    await h.advance(3_600_000);
    h.clock.step(-1_800_000);
    await h.advance(600_001);
    expect(await reasonOf(h, 'support')).toBe('ExpiresAtPassed');
    expect(await h.getSecret('support-mcp')).toBeUndefined();
  });
});

describe('suspension, Secrets and tokens', () => {
  it('suspends the URL and resumes the same one', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    await h.patchServer('support', { spec: { suspend: true } });
    expect((await h.getServer('support'))?.status?.conditions?.map((c) => c.type)).toEqual(['Suspended']);
    expect(await h.route(token)).toBeUndefined();
    await h.patchServer('support', { spec: { suspend: false } });
    expect(await h.route(token)).toMatchObject({ state: 'live' });
  });

  it('issues another token when the Secret is deleted, and the old one dies first', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    h.writes = [];
    await h.api.delete(secretType, { namespace: NAMESPACE, name: 'support-mcp' });
    await h.settle();
    expect(await h.route(token)).toBeUndefined();
    const renewed = await h.token('support-mcp');
    expect(renewed).not.toBe(token);
    expect(await h.route(renewed)).toMatchObject({ state: 'live' });
    expect(h.writes.slice(0, 2)).toEqual(['store deleteRoutes', 'API create Secret default/support-mcp']);
  });

  it('leaves a foreign Secret alone', async () => {
    const h = await serving();
    await h.credentials('other-mcp', 'precious');
    await h.server('other');
    await h.settle();
    expect((await h.getServer('other'))?.status?.conditions?.map((c) => [c.type, c.reason])).toEqual([
      ['Ready', 'SecretConflict'],
      ['Stalled', 'SecretConflict'],
    ]);
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'other' });
    await h.settle();
    expect(await h.getServer('other')).toBeUndefined();
    expect(decode((await h.getSecret('other-mcp'))?.data?.key)).toBe('precious');
  });

  it('is deleted only as the very Secret that was looked at', async () => {
    const h = await serving();
    const remove = h.api.delete.bind(h.api);
    h.api.delete = async (type, reference, preconditions) => {
      if (type.kind === 'Secret') {
        await remove(secretType, reference);
        await h.credentials('support-mcp', 'precious');
      }
      await remove(type, reference, preconditions);
    };
    await remove(crispMcpServerType, { namespace: NAMESPACE, name: 'support' });
    await h.advance(10_000);
    expect(await h.getServer('support')).toBeUndefined();
    expect(decode((await h.getSecret('support-mcp'))?.data?.key)).toBe('precious');
  });

  it('is free for the next server when one that was first is gone without ever having made it', async () => {
    const h = await serving();
    await h.server('first', { secretName: 'shared', suspend: true });
    await h.advance(1_000);
    await h.server('second', { secretName: 'shared' });
    await h.settle();
    expect(await reasonOf(h, 'second')).toBe('SecretConflict');
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'first' });
    await h.advance(61_000);
    expect(await reasonOf(h, 'second')).toBe('Serving');
  });

  it('uses a token that a user brings, and says when it is no good', async () => {
    const h = await serving();
    const brought = 'b'.repeat(43);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine', namespace: NAMESPACE } };
    await h.api.create(secretType, { ...secret, type: TOKEN_SECRET_TYPE, data: { token: encode('too short') } });
    await h.server('other', { secretName: 'mine' });
    await h.settle();
    expect(await reasonOf(h, 'other')).toBe('TokenInvalid');
    await h.api.mergePatch(secretType, { namespace: NAMESPACE, name: 'mine' }, { data: { token: encode(brought) } });
    await h.settle();
    expect(await reasonOf(h, 'other')).toBe('Serving');
    expect(await h.route(brought)).toMatchObject({ name: 'other' });
    expect(decode((await h.getSecret('mine'))?.data?.url)).toBe(`https://mcp.example.com/mcp/${brought}`);
  });

  it('leaves a token with its holder, and gives it away when the holder goes', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    await h.advance(1_000);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'thief-mcp', namespace: NAMESPACE } };
    await h.api.create(secretType, { ...secret, type: TOKEN_SECRET_TYPE, data: { token: encode(token) } });
    await h.server('thief');
    await h.settle();
    expect(await reasonOf(h, 'thief')).toBe('TokenConflict');
    expect(await readyMessage(h, 'thief')).toContain('default/support');
    expect(await h.route(token)).toMatchObject({ name: 'support' });
    h.store.flush();
    await h.advance(2_000);
    expect(await h.route(token)).toMatchObject({ name: 'support' });
    expect(await reasonOf(h, 'thief')).toBe('TokenConflict');
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'support' });
    await h.settle();
    expect(await reasonOf(h, 'thief')).toBe('Serving');
    expect(await h.route(token)).toMatchObject({ name: 'thief' });
  });

  it('lets one of two servers that name one Secret have it', async () => {
    const h = await serving();
    await h.server('one', { secretName: 'shared' });
    await h.server('two', { secretName: 'shared' });
    await h.settle();
    const reasons = [await reasonOf(h, 'one'), await reasonOf(h, 'two')].sort();
    expect(reasons).toEqual(['SecretConflict', 'Serving']);
    const winner = (await reasonOf(h, 'one')) === 'Serving' ? 'one' : 'two';
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: winner });
    await h.settle();
    expect(await reasonOf(h, winner === 'one' ? 'two' : 'one')).toBe('Serving');
  });

  it('follows a new publicUrl with the same tokens', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    await h.operator?.stop();
    h.publicUrl = 'https://new.example.com/base/';
    await h.start();
    expect(await h.token('support-mcp')).toBe(token);
    expect(decode((await h.getSecret('support-mcp'))?.data?.url)).toBe(`https://new.example.com/base/mcp/${token}`);
    expect((await h.getServer('support'))?.status?.endpoint).toBe('https://new.example.com/base/mcp');
  });

  it('gives the same URLs after a restore of resources and Secrets into an empty cluster', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    const backup = await h.getSecret('support-mcp');
    const restored = new Harness();
    await restored.credentials();
    await restored.account();
    await restored.server('support');
    if (backup === undefined) throw new Error('no Secret');
    const { resourceVersion: _version, uid: _uid, ...metadata } = backup.metadata;
    await restored.api.create(secretType, { ...backup, metadata });
    await restored.start();
    expect(await restored.token('support-mcp')).toBe(token);
    expect(await restored.route(token)).toMatchObject({ state: 'live' });
  });
});

describe('deletion', () => {
  it('takes routes, then the Secret, then the finalizer', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    h.writes = [];
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'support' });
    await h.settle();
    expect(h.writes).toEqual([
      'store deleteRoutes',
      'API delete Secret default/support-mcp',
      'API patch CrispMcpServer default/support',
    ]);
    expect(await h.getServer('support')).toBeUndefined();
    expect(await h.route(token)).toBeUndefined();
  });

  it('waits for the store, says so, and completes by itself', async () => {
    const h = await serving();
    h.store.setReachable(false);
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'support' });
    await h.advance(120_000);
    expect(await reasonOf(h, 'support')).toBe('StoreUnavailable');
    expect(await h.getSecret('support-mcp')).toBeDefined();
    h.store.setReachable(true);
    await h.advance(3_000);
    expect(await h.getServer('support')).toBeUndefined();
  });
});

describe('the store', () => {
  it('that does not answer is a condition on what changed, and heals', async () => {
    const h = await serving();
    h.store.setReachable(false);
    await h.server('late');
    await h.advance(5_000);
    expect(await reasonOf(h, 'late')).toBe('StoreUnavailable');
    expect(await reasonOf(h, 'support')).toBe('Serving');
    h.store.setReachable(true);
    await h.advance(2_000);
    expect(await reasonOf(h, 'late')).toBe('Serving');
  });

  it('that does not answer when the operator starts is rebuilt when it does', async () => {
    const h = new Harness();
    h.store.setReachable(false);
    await h.credentials();
    await h.account();
    await h.server('support');
    await h.start();
    await h.advance(5_000);
    expect(await reasonOf(h, 'support')).toBe('StoreUnavailable');
    expect((await h.getAccount())?.status?.reason).toBe('StoreUnavailable');
    h.store.setReachable(true);
    await h.advance(2_000);
    expect(await reasonOf(h, 'support')).toBe('Serving');
    expect(await h.route(await h.token('support-mcp'))).toMatchObject({ state: 'live' });
  });

  it('that is connected to a moment after the operator starts leaves no trace in any status', async () => {
    const h = new Harness();
    h.store.setReachable(false);
    await h.credentials();
    await h.account();
    await h.server('support');
    await h.start();
    await h.advance(1_000);
    h.store.setReachable(true);
    await h.advance(1_000);
    expect(await reasonOf(h, 'support')).toBe('Serving');
    expect(h.events.map((event) => event.reason)).not.toContain('StoreUnavailable');
  });

  it('that was emptied is rebuilt within seconds', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    h.store.flush();
    expect(await h.route(token)).toBe('unverified');
    await h.advance(2_000);
    expect(await h.route(token)).toMatchObject({ state: 'live' });
  });

  it('that came back from an old dump does not serve what was revoked since', async () => {
    const h = await serving();
    const token = await h.token('support-mcp');
    const dump = h.store.dump();
    await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'support' });
    await h.settle();
    h.store.restart(dump);
    expect(await h.route(token)).toBe('unverified');
    await h.advance(2_000);
    expect(await h.route(token)).toBeUndefined();
  });

  it('that a newer leader writes to makes the older one stop', async () => {
    const h = await serving();
    const first = h.operator;
    await h.start();
    await h.patchServer('support', { spec: { displayName: 'Renamed' } });
    await h.advance(2_000);
    expect(first?.storeState).toBe('stopped');
    expect(await h.route(await h.token('support-mcp'))).toMatchObject({ displayName: 'Renamed' });
  });
});
