import { expect, test } from 'vitest';
import { secretType } from '../../src/kubernetes/core-types.ts';
import { crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import {
  account,
  base64,
  condition,
  FINALIZER,
  failure,
  present,
  type Subject,
  secret,
  server,
  take,
} from './object-api-subject.ts';

const ours = { fieldManager: 'ours' };
const theirs = { fieldManager: 'theirs' };

export function applyTests(subject: () => Subject): void {
  test('creates what is not there, with the default status', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const applied = await api.apply(crispMcpServerType, server(namespace, { tags: ['a'] }), ours);
    expect(applied.metadata).toMatchObject({ generation: 1, name: 'support' });
    expect(applied.status).toEqual({ observedGeneration: -1 });
    expect(await api.get(crispMcpServerType, { namespace, name: 'support' })).toEqual(applied);
  });

  test('with a uid never creates an object anew', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = server(namespace);
    const metadata = { ...wanted.metadata, uid: '11111111-1111-4111-8111-111111111111' };
    expect(await failure(api.apply(crispMcpServerType, { ...wanted, metadata }, ours))).toMatchObject({
      reason: 'Conflict',
      status: 409,
    });
    await api.apply(crispMcpServerType, wanted, ours);
    expect(await failure(api.apply(crispMcpServerType, { ...wanted, metadata }, ours))).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('metadata.uid'),
    });
  });

  test('the same again changes nothing and makes no event', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const from = await present(api, secretType, namespace);
    const wanted = secret(namespace, { type: 'crispmcp.io/token', data: { token: base64('t') } });
    const first = await api.apply(secretType, wanted, ours);
    const second = await api.apply(secretType, wanted, ours);
    expect(second).toEqual(first);
    await api.delete(secretType, { namespace, name: 'key' });
    const events = await take(api, secretType, { namespace, resourceVersion: from }, 2);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  });

  test('removes the fields that its manager stops applying, and only those', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.apply(secretType, secret(namespace, { data: { a: base64('1'), b: base64('2') } }), ours);
    await api.mergePatch(secretType, { namespace, name: 'key' }, { data: { c: base64('3') } }, theirs);
    const applied = await api.apply(secretType, secret(namespace, { data: { b: base64('2') } }), ours);
    expect(applied.data).toEqual({ b: base64('2'), c: base64('3') });
  });

  test('removes an object or list that nothing is left of', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.apply(crispMcpServerType, server(namespace, { tools: { only: ['a'] }, tags: ['x'] }), ours);
    const applied = await api.apply(crispMcpServerType, server(namespace), ours);
    expect(applied.spec).toEqual({ accountRef: { name: 'acme' } });
    expect(applied.metadata.generation).toBe(2);
  });

  test('a field two managers own stays until both let go of it', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const both = secret(namespace, { data: { a: base64('1') } });
    const none = secret(namespace);
    await api.apply(secretType, both, ours);
    await api.apply(secretType, both, theirs);
    expect((await api.apply(secretType, none, ours)).data).toEqual({ a: base64('1') });
    expect((await api.apply(secretType, none, theirs)).data ?? {}).toEqual({});
  });

  test('another manager’s value is a Conflict that names manager and field, unless forced', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.apply(secretType, secret(namespace, { data: { a: base64('1') } }), ours);
    const wanted = secret(namespace, { data: { a: base64('2') } });
    expect(await failure(api.apply(secretType, wanted, theirs))).toEqual({
      reason: 'Conflict',
      status: 409,
      message: 'Apply failed with 1 conflict: conflict with "ours": .data.a',
    });
    const forced = await api.apply(secretType, wanted, { ...theirs, force: true });
    expect(forced.data).toEqual({ a: base64('2') });
    expect(await failure(api.apply(secretType, secret(namespace, { data: { a: base64('1') } }), ours))).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "theirs": .data.a',
    });
  });

  test('a field that a plain write set belongs to its writer', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace, { suspend: true }), theirs);
    const { reason, message } = await failure(
      api.apply(crispMcpServerType, server(namespace, { suspend: false }), ours),
    );
    expect(reason).toBe('Conflict');
    expect(message).toContain('conflict with "theirs" using crispmcp.io/v1alpha1');
    expect(message).toContain('.spec.suspend');
    const same = await api.apply(crispMcpServerType, server(namespace, { suspend: true }), ours);
    expect(same.spec.suspend).toBe(true);
  });

  test('a plain write takes a field over, and the former owner’s next apply conflicts', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = server(namespace, { displayName: 'One' });
    await api.apply(crispMcpServerType, wanted, ours);
    await api.mergePatch(crispMcpServerType, { namespace, name: 'support' }, { spec: { displayName: 'Two' } }, theirs);
    expect(await failure(api.apply(crispMcpServerType, wanted, ours))).toMatchObject({ reason: 'Conflict' });
    const forced = await api.apply(crispMcpServerType, wanted, { ...ours, force: true });
    expect(forced.spec.displayName).toBe('One');
  });

  test('conditions merge by type, so that two managers keep one each', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    const reference = {
      apiVersion: 'crispmcp.io/v1alpha1',
      kind: 'CrispMcpServer',
      metadata: { namespace, name: 'support' },
    };
    const status = (type: string, observedGeneration?: number): CrispMcpServer => ({
      ...reference,
      spec: { accountRef: { name: 'ignored-by-status' } },
      status: {
        conditions: [{ ...condition, type }],
        ...(observedGeneration === undefined ? {} : { observedGeneration }),
      },
    });
    const options = { subresource: 'status' } as const;
    await api.apply(crispMcpServerType, status('Ready', 1), { ...ours, ...options, force: true });
    const both = await api.apply(crispMcpServerType, status('Stalled'), { ...theirs, ...options });
    expect(both.status?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
    expect(both.status?.observedGeneration).toBe(1);
    expect(both.spec.accountRef.name).toBe('acme');
    const without = { ...status('Ready'), status: { observedGeneration: 1 } };
    const less = await api.apply(crispMcpServerType, without, { ...ours, ...options });
    expect(less.status?.conditions?.map(({ type }) => type)).toEqual(['Stalled']);
  });

  test('credentials merge by tier, in the order that is applied', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const credential = (tier: 'website' | 'plugin' | 'user', name: string) => ({ tier, secretRef: { name } });
    await api.apply(crispAccountType, account(namespace, { credentials: [credential('plugin', 'a')] }), ours);
    const added = await api.apply(
      crispAccountType,
      account(namespace, { credentials: [credential('user', 'b')] }),
      theirs,
    );
    expect(added.spec.credentials).toEqual([credential('plugin', 'a'), credential('user', 'b')]);
    const reordered = await api.apply(
      crispAccountType,
      account(namespace, { credentials: [credential('website', 'c'), credential('plugin', 'd')] }),
      ours,
    );
    expect(reordered.spec.credentials.map(({ tier }) => tier)).toEqual(['website', 'plugin', 'user']);
    expect(reordered.spec.credentials[1]).toEqual(credential('plugin', 'd'));
  });

  test('sets merge by value; each manager’s items go with it', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.apply(crispMcpServerType, server(namespace, { tags: ['a', 'b'] }), ours);
    const merged = await api.apply(crispMcpServerType, server(namespace, { tags: ['b', 'c'] }), theirs);
    expect(merged.spec.tags).toEqual(['a', 'b', 'c']);
    const less = await api.apply(crispMcpServerType, server(namespace, { tags: ['b'] }), ours);
    expect(less.spec.tags).toEqual(['b', 'c']);
  });

  test('an atomic list is replaced whole and conflicts whole', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    const status = (names: string[]): CrispMcpServer => ({
      ...server(namespace),
      status: { tools: { count: names.length, names } },
    });
    const options = { subresource: 'status' } as const;
    await api.apply(crispMcpServerType, status(['a', 'b']), { ...ours, ...options });
    const replaced = await api.apply(crispMcpServerType, status(['c']), { ...ours, ...options });
    expect(replaced.status?.tools).toEqual({ count: 1, names: ['c'] });
    const refused = await failure(api.apply(crispMcpServerType, status(['d']), { ...theirs, ...options }));
    expect(refused.message).toContain('.status.tools.names');
  });

  test('a finalizer that is applied joins those that are there', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = server(namespace);
    await api.create(crispMcpServerType, {
      ...wanted,
      metadata: { ...wanted.metadata, finalizers: ['example.com/x'] },
    });
    const applied = await api.apply(
      crispMcpServerType,
      { ...wanted, metadata: { ...wanted.metadata, finalizers: [FINALIZER] } },
      ours,
    );
    expect(applied.metadata.finalizers).toEqual(['example.com/x', FINALIZER]);
  });

  test('a status apply to what is not there is NotFound; a main apply leaves the status', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = { ...server(namespace), status: { observedGeneration: 3 } };
    const missing = api.apply(crispMcpServerType, wanted, { ...ours, subresource: 'status' });
    expect(await failure(missing)).toMatchObject({ reason: 'NotFound', status: 404 });
    const applied = await api.apply(crispMcpServerType, wanted, ours);
    expect(applied.status).toEqual({ observedGeneration: -1 });
  });

  test('with an older resourceVersion it is a Conflict', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = server(namespace);
    const first = await api.apply(crispMcpServerType, wanted, ours);
    const { resourceVersion = '' } = first.metadata;
    const versioned = (spec: object): CrispMcpServer => ({
      ...wanted,
      metadata: { ...wanted.metadata, resourceVersion },
      spec: { ...wanted.spec, ...spec },
    });
    await api.apply(crispMcpServerType, versioned({ suspend: true }), ours);
    const late = api.apply(crispMcpServerType, versioned({ suspend: false }), ours);
    expect(await failure(late)).toMatchObject({ reason: 'Conflict', status: 409 });
  });
}
