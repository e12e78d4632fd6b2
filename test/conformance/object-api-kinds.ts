import { expect, test } from 'vitest';
import { eventType, leaseType, microTime, namespaceType, secretType } from '../../src/kubernetes/core-types.ts';
import type { ObjectApi } from '../../src/kubernetes/object-api.ts';
import { crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import {
  account,
  base64,
  condition,
  event,
  failure,
  lease,
  OTHER_WEBSITE,
  type Subject,
  secret,
  server,
  settle,
  WEBSITE,
} from './object-api-subject.ts';

/** A merge patch carries what the types of a kind do not allow. */
async function patchSpec(api: ObjectApi, namespace: string, spec: object): Promise<CrispMcpServer> {
  return api.mergePatch(crispMcpServerType, { namespace, name: 'support' }, { spec });
}

export function kindTests(subject: () => Subject): void {
  test.each([
    ['an unknown method', { methods: ['fly'] }, 'spec.methods[0]: Unsupported value: "fly"'],
    ['an empty list', { methods: [] }, 'methods is empty: leave it out to not restrict, or name at least one'],
    ['an empty nested list', { tools: { only: [] } }, 'tools.only is empty'],
    ['a value twice in a set', { tags: ['a', 'a'] }, 'spec.tags[1]: Duplicate value: "a"'],
    ['a pattern that does not match', { tags: ['Not A Tag'] }, "spec.tags[0] in body should match '^[a-z][a-z0-9-]*$'"],
    ['a string that is too long', { displayName: 'x'.repeat(129) }, 'spec.displayName: Too long'],
    ['a string that is too short', { displayName: '' }, 'spec.displayName in body should be at least 1 chars long'],
    ['a list that is too long', { tags: Array.from({ length: 33 }, (_, i) => `t${i}`) }, 'spec.tags: Too many: 33'],
    ['another type', { suspend: 'yes' }, 'spec.suspend in body must be of type boolean: "string"'],
    ['a time that is none', { expiresAt: 'tomorrow' }, 'spec.expiresAt'],
    ['a date that does not exist', { expiresAt: '2027-02-30T00:00:00Z' }, 'spec.expiresAt'],
    ['a limit of nothing', { rateLimit: { requestsPerMinute: 0 } }, 'spec.rateLimit.requestsPerMinute'],
    [
      'a burst larger than its limit',
      { rateLimit: { requestsPerMinute: 10, burst: 11 } },
      'rateLimit.burst is larger than requestsPerMinute',
    ],
    ['a missing field', { accountRef: { name: null } }, 'spec.accountRef.name: Required value'],
    ['another account', { accountRef: { name: 'other' } }, 'accountRef is immutable: create another CrispMcpServer'],
    [
      'a Secret name that was not there',
      { secretName: 'late' },
      'secretName is immutable: create another CrispMcpServer',
    ],
  ])('a server refuses %s', async (_, spec, message) => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await api.create(crispMcpServerType, server(namespace));
    const refused = await failure(patchSpec(api, namespace, spec));
    expect(refused).toMatchObject({ reason: 'Invalid', status: 422 });
    expect(refused.message).toMatch(/^CrispMcpServer\.crispmcp\.io "support" is invalid: /);
    expect(refused.message).toContain(message);
    expect(await api.get(crispMcpServerType, { namespace, name: 'support' })).toEqual(created);
  });

  test.each([
    ['a time with an offset', { expiresAt: '2027-01-31T18:00:00+02:00' }],
    ['a limit', { rateLimit: { requestsPerMinute: 10, burst: 10 } }],
    ['a time with fractions', { expiresAt: '2027-01-31T18:00:00.123Z' }],
    ['every method', { methods: ['read', 'write', 'custom', 'list', 'get', 'create', 'update', 'delete'] }],
    ['the longest name', { displayName: 'é'.repeat(128) }],
  ])('a server takes %s', async (_, spec) => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    expect((await patchSpec(api, namespace, spec)).spec).toMatchObject(spec);
  });

  test('a Secret name given at creation stays', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace, { secretName: 'mine' }));
    for (const secretName of ['other', null]) {
      const { message } = await failure(patchSpec(api, namespace, { secretName }));
      expect(message).toContain('secretName is immutable: create another CrispMcpServer');
    }
  });

  test('an account refuses another website, two credentials of one tier and none at all', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispAccountType, account(namespace));
    const patch = (spec: object) => api.mergePatch(crispAccountType, { namespace, name: 'acme' }, { spec });
    expect((await failure(patch({ websiteId: OTHER_WEBSITE }))).message).toContain(
      'websiteId is immutable: create another CrispAccount for another website',
    );
    const credential = { tier: 'plugin', secretRef: { name: 'x' } };
    expect((await failure(patch({ credentials: [credential, credential] }))).message).toContain(
      'spec.credentials[1]: Duplicate value',
    );
    expect((await failure(patch({ credentials: [] }))).message).toContain('spec.credentials');
    expect((await patch({ websiteId: WEBSITE })).metadata.generation).toBe(1);
  });

  test('a kind without its spec is refused', async () => {
    const { api, freshNamespace } = subject();
    const { spec: _, ...bare } = server(await freshNamespace());
    const refused = await failure(api.create(crispMcpServerType, Object.assign(bare, { spec: JSON.parse('null') })));
    expect(refused.reason).toBe('Invalid');
  });

  test('a status is checked too', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    await api.create(crispMcpServerType, server(namespace));
    const write = (status: object) =>
      api.mergePatch(crispMcpServerType, reference, { status }, { subresource: 'status' });
    const refused = await failure(write({ conditions: [{ ...condition, status: 'Maybe' }] }));
    expect(refused.message).toContain('status.conditions[0].status: Unsupported value: "Maybe"');
    expect((await failure(write({ observedGeneration: 1.5 }))).message).toContain('status.observedGeneration');
    expect((await failure(write({ observedGeneration: -2 }))).message).toContain('status.observedGeneration');
  });

  test('fields that the schema does not name are dropped', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await settle(api, server(namespace));
    const patched = await patchSpec(api, namespace, { metods: ['read'], accountRef: { extra: 1 } });
    expect(patched).toEqual(created);
  });

  test('stringData becomes data, type defaults to Opaque and cannot change', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await api.create(
      secretType,
      secret(namespace, { data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new' } }),
    );
    expect(created).toMatchObject({ type: 'Opaque', data: { a: base64('new'), b: base64('b') } });
    expect(created.stringData).toBeUndefined();
    const retyped = api.mergePatch(secretType, { namespace, name: 'key' }, { type: 'crispmcp.io/token' });
    expect(await failure(retyped)).toMatchObject({ reason: 'Invalid', status: 422 });
    const patched = await api.mergePatch(secretType, { namespace, name: 'key' }, { stringData: { c: 'c' } });
    expect(patched.data).toEqual({ a: base64('new'), b: base64('b'), c: base64('c') });
  });

  test('a Secret refuses data that is no base64, a bad key, and changes once immutable', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    expect(await failure(api.create(secretType, secret(namespace, { data: { a: '***' } })))).toMatchObject({
      reason: 'BadRequest',
      status: 400,
    });
    expect(await failure(api.create(secretType, secret(namespace, { data: { 'a b': '' } })))).toMatchObject({
      reason: 'Invalid',
    });
    await api.create(secretType, secret(namespace, { data: { a: base64('1') }, immutable: true }));
    const change = api.mergePatch(secretType, { namespace, name: 'key' }, { data: { a: base64('2') } });
    expect(await failure(change)).toMatchObject({ reason: 'Invalid' });
  });

  test('a Lease takes MicroTime alone and needs its version to be replaced', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const spec = {
      holderIdentity: 'operator-1',
      leaseDurationSeconds: 15,
      acquireTime: microTime(1_767_225_600_000),
      renewTime: microTime(1_767_225_600_000),
      leaseTransitions: 0,
    };
    const milliseconds = { ...spec, renewTime: '2026-01-01T00:00:00.000Z' };
    expect(await failure(api.create(leaseType, lease(namespace, milliseconds)))).toMatchObject({
      reason: 'BadRequest',
      status: 400,
    });
    const created = await api.create(leaseType, lease(namespace, spec));
    expect(created.spec).toEqual(spec);
    const renewed = { ...created, spec: { ...spec, renewTime: microTime(1_767_225_602_000) } };
    const replaced = await api.replace(leaseType, renewed);
    expect(replaced.spec?.renewTime).toBe('2026-01-01T00:00:02.000000Z');
    expect(await failure(api.replace(leaseType, renewed))).toMatchObject({ reason: 'Conflict', status: 409 });
    expect(await failure(api.replace(leaseType, lease(namespace, spec)))).toMatchObject({ reason: 'Invalid' });
    const zero = api.mergePatch(leaseType, { namespace, name: 'leader' }, { spec: { leaseDurationSeconds: 0 } });
    expect((await failure(zero)).message).toContain('spec.leaseDurationSeconds');
  });

  test('an Event takes MicroTime alone, and a series by patch', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const milliseconds = event(namespace, { eventTime: '2026-01-01T00:00:00.000Z' });
    expect(await failure(api.create(eventType, milliseconds))).toMatchObject({ reason: 'BadRequest', status: 400 });
    const created = await api.create(eventType, event(namespace));
    expect(created).toMatchObject({ eventTime: '2026-01-01T00:00:00.123000Z', reason: 'Published', type: 'Normal' });
    const series = { count: 2, lastObservedTime: microTime(1_767_225_660_000) };
    const reference = { namespace, name: 'support.1' };
    expect(await api.mergePatch(eventType, reference, { series })).toMatchObject({ series });
    expect(await failure(api.mergePatch(eventType, reference, { note: 'Another.' }))).toMatchObject({
      reason: 'Invalid',
    });
  });

  test.each([
    ['action', { action: '' }],
    ['reason', { reason: '' }],
    ['reportingInstance', { reportingInstance: '' }],
    ['type', { type: JSON.parse('"Loud"') }],
    ['note', { note: 'x'.repeat(1025) }],
    [
      'namespace of its subject',
      { regarding: { apiVersion: 'crispmcp.io/v1alpha1', kind: 'CrispMcpServer', name: 'support' } },
    ],
  ])('an Event is refused with a bad %s', async (_, parts) => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    expect(await failure(api.create(eventType, event(namespace, parts)))).toMatchObject({
      reason: 'Invalid',
      status: 422,
    });
  });

  test.each(['default', 'elsewhere'])('an Event may be about an object in another namespace (%s)', async (other) => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const regarding = { apiVersion: 'v1', kind: 'Secret', namespace: other, name: 'x' };
    expect((await api.create(eventType, event(namespace, { regarding }))).regarding).toEqual(regarding);
  });

  test('a Namespace is Active and carries its name as a label', async () => {
    const { api, freshNamespace } = subject();
    const name = await freshNamespace();
    const namespace = await api.get(namespaceType, { name });
    expect(namespace?.status?.phase).toBe('Active');
    expect(namespace?.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': name });
    const taken = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    expect(await failure(api.create(namespaceType, taken))).toMatchObject({ reason: 'AlreadyExists' });
  });

  test('a kind that nobody serves is NotFound', async () => {
    const { api, freshNamespace } = subject();
    const unknown = { group: 'example.com', version: 'v1', plural: 'unicorns', kind: 'Unicorn', namespaced: true };
    const list = api.list(unknown, { namespace: await freshNamespace() });
    expect(await failure(list)).toMatchObject({ reason: 'NotFound', status: 404 });
  });
}
