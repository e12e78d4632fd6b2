import { describe, expect, it } from 'vitest';
import { secretType } from '../../kubernetes/core-types.ts';
import { findCondition } from '../../resources/conditions.ts';
import { crispApiTokenType } from '../../resources/crisp-api-token.ts';
import { API_TOKEN_FINALIZER, API_TOKEN_LABEL, API_TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import { hashToken } from '../../routes/token.ts';
import { Harness, NAMESPACE } from '../operator-harness.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();
const named = (name: string) => ({ namespace: NAMESPACE, name });
const TOKEN = 'a'.repeat(43);

/** An operator that leads, and one issued API token, `ci`. */
async function issued(spec: Parameters<Harness['apiToken']>[1] = {}): Promise<Harness> {
  const h = new Harness();
  await h.apiToken('ci', spec);
  await h.start();
  return h;
}

const tokenOf = (h: Harness, name = 'ci') => h.token(`${name}-api-token`);
const reasonOf = async (h: Harness, name = 'ci') => (await h.getApiToken(name))?.status?.reason;

/** A Secret as a user brings it. */
function brought(name: string, data: Record<string, string>, type = API_TOKEN_SECRET_TYPE) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: named(name), type, data };
}

describe('an applied API token', () => {
  it('is issued: in a Secret of its own type, in the store, and in the status by its fingerprint alone', async () => {
    const h = await issued({ scopes: ['read', 'connect'], servers: ['b', 'a'], expiresAt: '2026-06-01T00:00:00Z' });
    const apiToken = await h.getApiToken('ci');
    const token = await tokenOf(h);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(apiToken?.status).toMatchObject({
      reason: 'Issued',
      secretName: 'ci-api-token',
      expiresAt: '2026-06-01T00:00:00Z',
    });
    expect(apiToken?.status?.fingerprint).toMatch(/^[0-9a-f]{12}$/);
    expect(findCondition(apiToken?.status?.conditions, 'Ready')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('connect to 2 servers, read until 2026-06-01T00:00:00Z'),
    });
    expect(await h.apiTokenRecord(token)).toEqual({
      uid: apiToken?.metadata.uid,
      namespace: NAMESPACE,
      name: 'ci',
      exp: Date.parse('2026-06-01T00:00:00Z'),
      scopes: ['connect', 'read'],
      servers: ['a', 'b'],
    });
    const secret = await h.getSecret('ci-api-token');
    expect(secret).toMatchObject({ type: API_TOKEN_SECRET_TYPE, metadata: { labels: { [API_TOKEN_LABEL]: 'ci' } } });
    expect(decode(secret?.data?.expiresAt)).toBe('2026-06-01T00:00:00Z');
    expect(JSON.stringify([apiToken, h.events, h.writes])).not.toContain(token);
    expect(await h.route(token)).toBeUndefined();
  });

  it('costs the finalizer, the Secret, the record and one status, and nothing more when it is looked at again', async () => {
    const h = await issued();
    const ofToken = h.writes.filter((write) => !/takeEpoch|markVerified/.test(write));
    expect(ofToken).toEqual([
      'API patch CrispApiToken default/ci',
      'API create Secret default/ci-api-token',
      'store putApiToken',
      'API patch CrispApiToken default/ci status',
    ]);
    h.writes = [];
    await h.advance(600_001);
    await h.operator?.stop();
    await h.start();
    expect(h.writes).toEqual(['store takeEpoch', 'store markVerified']);
  });

  it('follows its edits, and a longer life reaches the Secret too', async () => {
    const h = await issued({ expiresAt: '2026-06-01T00:00:00Z' });
    const token = await tokenOf(h);
    await h.patchApiToken('ci', { spec: { scopes: ['read'], servers: null, expiresAt: '2026-07-01T00:00:00Z' } });
    expect(await tokenOf(h)).toBe(token);
    expect(await h.apiTokenRecord(token)).toMatchObject({
      scopes: ['read'],
      servers: [],
      exp: Date.parse('2026-07-01T00:00:00Z'),
    });
    expect(decode((await h.getSecret('ci-api-token'))?.data?.expiresAt)).toBe('2026-07-01T00:00:00Z');
  });

  it('gives the route of a server that asks for one its mark, and the Secret of that server a place for it', async () => {
    const h = new Harness();
    await h.credentials();
    await h.account();
    await h.server('support', { requireApiTokenAuth: true });
    await h.start();
    const token = await h.token('support-mcp');
    expect(await h.route(token)).toMatchObject({ auth: 'api-token' });
    const config = async () => JSON.parse(decode((await h.getSecret('support-mcp'))?.data?.['mcp.json']));
    const header = { headers: { Authorization: 'Bearer $' + '{CRISP_MCP_API_TOKEN}' } };
    expect((await config()).mcpServers.support).toMatchObject(header);
    h.writes = [];
    await h.advance(600_001);
    expect(h.writes).toEqual([]);
    await h.patchServer('support', { spec: { requireApiTokenAuth: false } });
    expect(await h.route(token)).toMatchObject({ auth: 'path' });
    expect((await config()).mcpServers.support).not.toHaveProperty('headers');
  });
});

describe('the end of an API token', () => {
  it('when it is deleted: record, Secret and finalizer go, in this order', async () => {
    const h = await issued();
    const token = await tokenOf(h);
    h.writes = [];
    await h.api.delete(crispApiTokenType, named('ci'));
    await h.settle();
    expect(h.writes).toEqual([
      'store deleteApiTokens',
      'API delete Secret default/ci-api-token',
      'API patch CrispApiToken default/ci',
    ]);
    expect(await h.apiTokenRecord(token)).toBeUndefined();
    expect(await h.getApiToken('ci')).toBeUndefined();
  });

  it('at expiresAt: the resource is deleted and an event says why', async () => {
    const h = await issued({ expiresAt: '2026-01-01T00:01:00Z' });
    const token = await tokenOf(h);
    await h.advance(61_000);
    expect(await h.getApiToken('ci')).toBeUndefined();
    expect(await h.getSecret('ci-api-token')).toBeUndefined();
    expect(await h.apiTokenRecord(token)).toBeUndefined();
    expect(h.events.map(({ reason }) => reason)).toContain('ExpiresAtPassed');
  });

  it('with Retain it stays as Expired, without a Ready condition, and a later end issues another token', async () => {
    const h = await issued({ expiresAt: '2026-01-01T00:01:00Z', expirationPolicy: 'Retain' });
    const token = await tokenOf(h);
    await h.advance(61_000);
    const { status } = (await h.getApiToken('ci')) ?? {};
    expect(status?.conditions?.map(({ type }) => type)).toEqual(['Expired']);
    expect(status?.fingerprint).toBeUndefined();
    await h.patchApiToken('ci', { spec: { expiresAt: '2026-02-01T00:00:00Z' } });
    expect(await reasonOf(h)).toBe('Issued');
    expect(await tokenOf(h)).not.toBe(token);
    expect(await h.apiTokenRecord(token)).toBeUndefined();
  });

  it('that lies before its creation leaves a tombstone: never issued, never deleted', async () => {
    const h = await issued({ expiresAt: '2020-01-01T00:00:00Z' });
    await h.advance(600_001);
    expect(await reasonOf(h)).toBe('BornExpired');
    expect(await h.getSecret('ci-api-token')).toBeUndefined();
  });

  it('when somebody takes its finalizer off: the record goes all the same', async () => {
    const h = await issued();
    const token = await tokenOf(h);
    h.store.setReachable(false);
    await h.api.delete(crispApiTokenType, named('ci'));
    await h.settle();
    expect((await h.getApiToken('ci'))?.metadata.finalizers).toEqual([API_TOKEN_FINALIZER]);
    expect(await reasonOf(h)).toBe('StoreUnavailable');
    await h.api.mergePatch(crispApiTokenType, named('ci'), { metadata: { finalizers: null } });
    await h.settle();
    h.store.setReachable(true);
    await h.advance(20_000);
    expect(await h.apiTokenRecord(token)).toBeUndefined();
  });

  it('waits for a store that fails, then takes effect', async () => {
    const h = await issued();
    h.store.setReachable(false);
    await h.patchApiToken('ci', { spec: { servers: ['*'] } });
    expect(await reasonOf(h)).toBe('StoreUnavailable');
    h.store.setReachable(true);
    await h.advance(20_000);
    expect(await reasonOf(h)).toBe('Issued');
    expect(await h.apiTokenRecord(await tokenOf(h))).toMatchObject({ servers: ['*'] });
  });
});

describe('the Secret of an API token', () => {
  it('that is deleted means a new token, and the old one is dead', async () => {
    const h = await issued();
    const token = await tokenOf(h);
    await h.api.delete(secretType, named('ci-api-token'));
    await h.settle();
    expect(await tokenOf(h)).not.toBe(token);
    expect(await h.apiTokenRecord(token)).toBeUndefined();
    expect(await h.apiTokenRecord(await tokenOf(h))).toMatchObject({ name: 'ci' });
  });

  it('that a user brought is used, and labelled', async () => {
    const h = new Harness();
    await h.api.create(secretType, brought('ci-api-token', { token: encode(TOKEN) }));
    await h.apiToken('ci');
    await h.start();
    expect(await h.apiTokenRecord(TOKEN)).toMatchObject({ name: 'ci' });
    expect((await h.getSecret('ci-api-token'))?.metadata.labels).toMatchObject({ [API_TOKEN_LABEL]: 'ci' });
  });

  it.each([
    ['of another type', brought('ci-api-token', { token: encode(TOKEN) }, 'Opaque'), 'SecretConflict'],
    ['of a server', brought('ci-api-token', { token: encode(TOKEN) }, 'crispmcp.io/token'), 'SecretConflict'],
    ['without a token', brought('ci-api-token', { note: encode('none yet') }), 'TokenInvalid'],
    ['with a token that is none', brought('ci-api-token', { token: encode('short') }), 'TokenInvalid'],
  ])('%s is left alone', async (_what, secret, reason) => {
    const h = new Harness();
    await h.api.create(secretType, secret);
    await h.apiToken('ci');
    await h.start();
    expect(await reasonOf(h)).toBe(reason);
    expect(await h.getSecret('ci-api-token')).toMatchObject(secret);
    expect(await h.apiTokenRecord(TOKEN)).toBeUndefined();
    await h.api.delete(crispApiTokenType, named('ci'));
    await h.settle();
    expect(await h.getSecret('ci-api-token')).toMatchObject(secret);
  });

  it('with a token that another one holds is refused, and taken when that one goes', async () => {
    const h = new Harness();
    for (const name of ['one', 'two']) {
      await h.api.create(secretType, brought(`${name}-api-token`, { token: encode(TOKEN) }));
    }
    await h.apiToken('one');
    await h.start();
    await h.apiToken('two');
    await h.settle();
    expect([await reasonOf(h, 'one'), await reasonOf(h, 'two')]).toEqual(['Issued', 'TokenConflict']);
    await h.api.delete(crispApiTokenType, named('one'));
    await h.settle();
    expect(await reasonOf(h, 'two')).toBe('Issued');
    expect(await h.apiTokenRecord(TOKEN)).toMatchObject({ name: 'two' });
  });

  it('that two of them name belongs to the older', async () => {
    const h = new Harness();
    await h.apiToken('one', { secretName: 'shared' });
    await h.advance(2_000);
    await h.apiToken('two', { secretName: 'shared' });
    await h.start();
    expect([await reasonOf(h, 'one'), await reasonOf(h, 'two')]).toEqual(['Issued', 'SecretConflict']);
  });
});

describe('a lost store', () => {
  it('gets its API tokens back, and none that was deleted meanwhile', async () => {
    const h = await issued();
    await h.apiToken('gone');
    await h.settle();
    const [token, gone] = [await tokenOf(h), await tokenOf(h, 'gone')];
    const dump = h.store.dump();
    await h.api.delete(crispApiTokenType, named('gone'));
    await h.settle();
    h.store.restart(dump);
    expect(await h.apiTokenRecord(gone)).toBe('unverified');
    await h.advance(3_000);
    expect(await h.apiTokenRecord(gone)).toBeUndefined();
    expect(await h.apiTokenRecord(token)).toMatchObject({ name: 'ci' });
    h.store.flush();
    await h.advance(3_000);
    expect(await h.apiTokenRecord(token)).toMatchObject({ name: 'ci' });
  });

  it('loses at the next comparison what belongs to no API token', async () => {
    const h = await issued();
    const record = await h.apiTokenRecord(await tokenOf(h));
    if (record === undefined || record === 'unverified') throw new Error('not issued');
    const epoch = h.store.dump().epoch;
    await h.store.apiTokens.put(epoch, hashToken(TOKEN), { ...record, uid: 'nobody' });
    await h.advance(600_001);
    expect(await h.apiTokenRecord(TOKEN)).toBeUndefined();
  });
});
