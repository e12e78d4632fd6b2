import { expect, test } from 'vitest';
import { namespaceType, secretType } from '../../src/kubernetes/core-types.ts';
import { crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { FINALIZER, failure, present, type Subject, secret, server, take } from './object-api-subject.ts';

export function deleteTests(subject: () => Subject): void {
  test('an object without finalizers goes at once; deleting what is not there is no error', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    await api.create(crispMcpServerType, server(namespace));
    await api.delete(crispMcpServerType, reference);
    expect(await api.get(crispMcpServerType, reference)).toBeUndefined();
    await api.delete(crispMcpServerType, reference);
    await api.delete(crispMcpServerType, reference, { uid: '11111111-1111-4111-8111-111111111111' });
  });

  test('a finalizer holds the object, marked and with a new generation, until the last one goes', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const from = await present(api, crispMcpServerType, namespace);
    const wanted = server(namespace);
    await api.create(crispMcpServerType, { ...wanted, metadata: { ...wanted.metadata, finalizers: [FINALIZER] } });
    await api.delete(crispMcpServerType, reference);
    const held = await api.get(crispMcpServerType, reference);
    expect(held?.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 0, finalizers: [FINALIZER] });
    expect(held?.metadata.deletionTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await api.delete(crispMcpServerType, reference);
    expect(await api.get(crispMcpServerType, reference)).toEqual(held);
    await api.jsonPatch(crispMcpServerType, reference, [
      { op: 'test', path: '/metadata/finalizers/0', value: FINALIZER },
      { op: 'remove', path: '/metadata/finalizers/0' },
    ]);
    expect(await api.get(crispMcpServerType, reference)).toBeUndefined();
    const events = await take(api, crispMcpServerType, { namespace, resourceVersion: from }, 3);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });

  test('a merge patch of finalizers to null lets a deleted object go', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'key' };
    const wanted = secret(namespace);
    await api.create(secretType, { ...wanted, metadata: { ...wanted.metadata, finalizers: [FINALIZER] } });
    await api.delete(secretType, reference);
    await api.mergePatch(secretType, reference, { metadata: { finalizers: null } });
    expect(await api.get(secretType, reference)).toBeUndefined();
  });

  test('a removal with a test that fails leaves somebody else’s finalizer', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const wanted = server(namespace);
    const metadata = { ...wanted.metadata, finalizers: ['example.com/other'] };
    await api.create(crispMcpServerType, { ...wanted, metadata });
    const removal = api.jsonPatch(crispMcpServerType, reference, [
      { op: 'test', path: '/metadata/finalizers/0', value: FINALIZER },
      { op: 'remove', path: '/metadata/finalizers/0' },
    ]);
    expect(await failure(removal)).toMatchObject({ reason: 'Invalid', status: 422 });
    expect((await api.get(crispMcpServerType, reference))?.metadata.finalizers).toEqual(['example.com/other']);
  });

  test('an object being deleted takes status and spec writes but no new finalizer', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const wanted = server(namespace);
    await api.create(crispMcpServerType, { ...wanted, metadata: { ...wanted.metadata, finalizers: [FINALIZER] } });
    await api.delete(crispMcpServerType, reference);
    const status = { observedGeneration: 2 };
    const written = await api.mergePatch(crispMcpServerType, reference, { status }, { subresource: 'status' });
    expect(written.status).toEqual(status);
    const added = api.mergePatch(crispMcpServerType, reference, {
      metadata: { finalizers: [FINALIZER, 'example.com/new'] },
    });
    expect(await failure(added)).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('no new finalizers can be added if the object is being deleted'),
    });
  });

  test('preconditions on uid and resourceVersion that fail are a Conflict and delete nothing', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const created = await api.create(crispMcpServerType, server(namespace));
    const { uid = '', resourceVersion = '' } = created.metadata;
    await api.mergePatch(crispMcpServerType, reference, { spec: { suspend: true } });
    const otherUid = api.delete(crispMcpServerType, reference, { uid: '11111111-1111-4111-8111-111111111111' });
    expect(await failure(otherUid)).toMatchObject({ reason: 'Conflict', status: 409 });
    const oldVersion = api.delete(crispMcpServerType, reference, { uid, resourceVersion });
    expect(await failure(oldVersion)).toMatchObject({ reason: 'Conflict', status: 409 });
    const current = await api.get(crispMcpServerType, reference);
    await api.delete(crispMcpServerType, reference, {
      uid,
      resourceVersion: current?.metadata.resourceVersion ?? 'none',
    });
    expect(await api.get(crispMcpServerType, reference)).toBeUndefined();
  });

  test('a deleted namespace ends, takes its contents with it and accepts no new ones', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = server(namespace);
    await api.create(secretType, secret(namespace));
    await api.create(crispMcpServerType, { ...wanted, metadata: { ...wanted.metadata, finalizers: [FINALIZER] } });
    const from = await present(api, secretType, namespace);
    const heldFrom = await present(api, crispMcpServerType, namespace);
    const namespaceFrom = (await api.list(namespaceType, {})).resourceVersion;
    await api.delete(namespaceType, { name: namespace });
    const ending = await api.get(namespaceType, { name: namespace });
    expect(ending?.metadata.deletionTimestamp).toBeDefined();
    expect(ending?.status?.phase).toBe('Terminating');
    const created = await failure(api.create(secretType, secret(namespace, {}, 'late')));
    expect(created).toMatchObject({ reason: 'Forbidden', status: 403 });
    expect(created.message).toContain('because it is being terminated');
    const secrets = await take(api, secretType, { namespace, resourceVersion: from }, 1);
    expect(secrets.map(({ type, object }) => [type, object.metadata.name])).toEqual([['DELETED', 'key']]);
    const [marked] = await take(api, crispMcpServerType, { namespace, resourceVersion: heldFrom }, 1);
    expect(marked?.object.metadata.deletionTimestamp).toBeDefined();
    await api.mergePatch(crispMcpServerType, { namespace, name: 'support' }, { metadata: { finalizers: null } });
    const fieldSelector = `metadata.name=${namespace}`;
    const deleted = await takeUntilDeleted(fieldSelector, namespaceFrom);
    expect(deleted).toBe(namespace);

    async function takeUntilDeleted(selector: string, resourceVersion: string): Promise<string | undefined> {
      const signal = AbortSignal.timeout(60_000);
      const options = { fieldSelector: selector, resourceVersion, timeoutSeconds: 90, signal };
      for await (const event of api.watch(namespaceType, options)) {
        if (event.type === 'DELETED') return event.object.metadata.name;
      }
      return undefined;
    }
  });
}
