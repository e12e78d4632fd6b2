import { expect, test } from 'vitest';
import { secretType } from '../../src/kubernetes/core-types.ts';
import { crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import {
  base64,
  condition,
  FINALIZER,
  failure,
  present,
  type Subject,
  secret,
  server,
  settle,
  take,
} from './object-api-subject.ts';

export function writeTests(subject: () => Subject): void {
  test('create gives uid, generation 1, a creation time in whole seconds and the default status', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await api.create(crispMcpServerType, server(namespace, { methods: ['read'] }));
    expect(created.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(created.metadata.generation).toBe(1);
    expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(created.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
    expect(created.spec).toEqual({ accountRef: { name: 'acme' }, methods: ['read'] });
    expect(created.status).toEqual({ observedGeneration: -1 });
    expect(await api.get(crispMcpServerType, { namespace, name: 'support' })).toEqual(created);
  });

  test('create ignores the status, uid and generation it is given', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = server(namespace);
    const created = await api.create(crispMcpServerType, {
      ...wanted,
      metadata: { ...wanted.metadata, uid: '11111111-1111-4111-8111-111111111111', generation: 7 },
      status: { observedGeneration: 5 },
    });
    expect(created.metadata.uid).not.toBe('11111111-1111-4111-8111-111111111111');
    expect(created.metadata.generation).toBe(1);
    expect(created.status).toEqual({ observedGeneration: -1 });
  });

  test('create completes generateName', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const wanted = secret(namespace);
    const metadata = { ...wanted.metadata, name: '', generateName: 'key-' };
    expect((await api.create(secretType, { ...wanted, metadata })).metadata.name).toMatch(/^key-[a-z0-9]{5}$/);
  });

  test('create of a name that is taken is AlreadyExists', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    expect(await failure(api.create(crispMcpServerType, server(namespace)))).toEqual({
      reason: 'AlreadyExists',
      status: 409,
      message: 'crispmcpservers.crispmcp.io "support" already exists',
    });
  });

  test('create in a namespace that does not exist is NotFound', async () => {
    const { api } = subject();
    expect(await failure(api.create(secretType, secret('no-such-namespace')))).toEqual({
      reason: 'NotFound',
      status: 404,
      message: 'namespaces "no-such-namespace" not found',
    });
  });

  test.each(['Upper', 'under_score', '-dash', 'a'.repeat(254)])('create refuses the name "%s"', async (name) => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const { reason, status, message } = await failure(api.create(crispMcpServerType, server(namespace, {}, name)));
    expect({ reason, status }).toEqual({ reason: 'Invalid', status: 422 });
    expect(message).toContain('metadata.name');
  });

  test('create refuses a label value that is none', async () => {
    const { api, freshNamespace } = subject();
    const wanted = secret(await freshNamespace());
    const metadata = { ...wanted.metadata, labels: { 'crispmcp.io/server': 'not a label' } };
    expect(await failure(api.create(secretType, { ...wanted, metadata }))).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('metadata.labels'),
    });
  });

  test('get of what is not there is undefined', async () => {
    const { api, freshNamespace } = subject();
    expect(await api.get(crispMcpServerType, { namespace: await freshNamespace(), name: 'none' })).toBeUndefined();
  });

  test('a namespaced object without a namespace is refused', async () => {
    const { api } = subject();
    const wanted = { ...server('x'), metadata: { name: 'support' } };
    expect(await failure(api.create(crispMcpServerType, wanted))).toMatchObject({ reason: 'BadRequest', status: 400 });
  });

  test('replace writes the spec, bumps the generation and keeps status and identity', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await api.create(crispMcpServerType, server(namespace));
    const replaced = await api.replace(crispMcpServerType, {
      ...created,
      spec: { ...created.spec, suspend: true },
      status: { observedGeneration: 99 },
    });
    expect(replaced.spec.suspend).toBe(true);
    expect(replaced.status).toEqual({ observedGeneration: -1 });
    expect(replaced.metadata).toMatchObject({
      uid: created.metadata.uid,
      creationTimestamp: created.metadata.creationTimestamp,
      generation: 2,
    });
    expect(replaced.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion);
  });

  test('replace of an older version is a Conflict', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await api.create(crispMcpServerType, server(namespace));
    await api.replace(crispMcpServerType, { ...created, spec: { ...created.spec, suspend: true } });
    expect(
      await failure(api.replace(crispMcpServerType, { ...created, spec: { ...created.spec, tags: ['a'] } })),
    ).toEqual({
      reason: 'Conflict',
      status: 409,
      message:
        'Operation cannot be fulfilled on crispmcpservers.crispmcp.io "support": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  test('replace of a custom resource needs a version, of a Secret it does not', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    expect(await failure(api.replace(crispMcpServerType, server(namespace)))).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('metadata.resourceVersion'),
    });
    await api.create(secretType, secret(namespace, { data: { a: base64('1') } }));
    const replaced = await api.replace(secretType, secret(namespace, { data: { b: base64('2') } }));
    expect(replaced.data).toEqual({ b: base64('2') });
  });

  test('replace of what is not there is NotFound, with another uid a Conflict', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    expect(await failure(api.replace(secretType, secret(namespace)))).toMatchObject({ reason: 'NotFound' });
    const created = await api.create(secretType, secret(namespace));
    const metadata = { ...created.metadata, uid: '11111111-1111-4111-8111-111111111111' };
    expect(await failure(api.replace(secretType, { ...created, metadata }))).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('Precondition failed: UID in precondition'),
    });
  });

  test('a change of metadata alone keeps the generation', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    const patched = await api.mergePatch(
      crispMcpServerType,
      { namespace, name: 'support' },
      { metadata: { labels: { team: 'a' }, finalizers: [FINALIZER] } },
    );
    expect(patched.metadata).toMatchObject({ generation: 1, labels: { team: 'a' }, finalizers: [FINALIZER] });
  });

  test('a merge patch merges objects, removes with null and replaces lists', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(
      crispMcpServerType,
      server(namespace, { methods: ['read'], suspend: true, tools: { only: ['a'] } }),
    );
    const patched = await api.mergePatch(
      crispMcpServerType,
      { namespace, name: 'support' },
      { spec: { methods: ['write'], suspend: null, tools: { except: ['b'] } } },
    );
    expect(patched.spec).toEqual({
      accountRef: { name: 'acme' },
      methods: ['write'],
      tools: { only: ['a'], except: ['b'] },
    });
    expect(patched.metadata.generation).toBe(2);
  });

  test('a merge patch with an older resourceVersion is a Conflict, with the present one it works', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const created = await api.create(crispMcpServerType, server(namespace));
    const { resourceVersion } = created.metadata;
    const suspended = await api.mergePatch(crispMcpServerType, reference, {
      metadata: { resourceVersion },
      spec: { suspend: true },
    });
    const late = api.mergePatch(crispMcpServerType, reference, {
      metadata: { resourceVersion },
      spec: { suspend: false },
    });
    expect(await failure(late)).toMatchObject({ reason: 'Conflict', status: 409 });
    expect(await api.get(crispMcpServerType, reference)).toEqual(suspended);
  });

  test('a patch of what is not there is NotFound, a patch of the name is refused', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    expect(await failure(api.mergePatch(crispMcpServerType, reference, { spec: {} }))).toMatchObject({
      reason: 'NotFound',
      message: 'crispmcpservers.crispmcp.io "support" not found',
    });
    await api.create(crispMcpServerType, server(namespace));
    const renamed = api.mergePatch(crispMcpServerType, reference, { metadata: { name: 'other' } });
    expect(await failure(renamed)).toMatchObject({ reason: 'BadRequest', status: 400 });
    const otherUid = api.mergePatch(crispMcpServerType, reference, {
      metadata: { uid: '11111111-1111-4111-8111-111111111111' },
    });
    expect(await failure(otherUid)).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('metadata.uid'),
    });
  });

  test('a status patch writes the status alone and keeps the generation', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    const patched = await api.mergePatch(
      crispMcpServerType,
      { namespace, name: 'support' },
      {
        metadata: { labels: { ignored: 'yes' }, finalizers: [FINALIZER] },
        spec: { suspend: true },
        status: { observedGeneration: 1, conditions: [condition] },
      },
      { subresource: 'status' },
    );
    expect(patched.spec).toEqual({ accountRef: { name: 'acme' } });
    expect(patched.metadata).toMatchObject({ generation: 1 });
    expect(patched.metadata.labels).toBeUndefined();
    expect(patched.metadata.finalizers).toBeUndefined();
    expect(patched.status).toEqual({ observedGeneration: 1, conditions: [condition] });
  });

  test('a main patch does not write the status', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const settled = await settle(api, server(namespace));
    const patched = await api.mergePatch(
      crispMcpServerType,
      { namespace, name: 'support' },
      { status: { observedGeneration: 1 } },
    );
    expect(patched).toEqual(settled);
  });

  test('a status that is removed comes back as the default', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const options = { subresource: 'status' } as const;
    await api.create(crispMcpServerType, server(namespace));
    await api.mergePatch(crispMcpServerType, reference, { status: { observedGeneration: 1 } }, options);
    const patched = await api.mergePatch(crispMcpServerType, reference, { status: null }, options);
    expect(patched.status).toEqual({ observedGeneration: -1 });
  });

  test('a JSON patch applies all operations or none; a failed test is Invalid', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    await api.create(crispMcpServerType, server(namespace, { tags: ['a', 'b'] }));
    const patched = await api.jsonPatch(crispMcpServerType, reference, [
      { op: 'test', path: '/spec/tags/0', value: 'a' },
      { op: 'remove', path: '/spec/tags/0' },
      { op: 'add', path: '/spec/tags/-', value: 'c' },
      { op: 'replace', path: '/spec/tags/0', value: 'd' },
    ]);
    expect(patched.spec.tags).toEqual(['d', 'c']);
    const refused = api.jsonPatch(crispMcpServerType, reference, [
      { op: 'add', path: '/spec/suspend', value: true },
      { op: 'test', path: '/spec/tags/0', value: 'a' },
    ]);
    expect(await failure(refused)).toMatchObject({ reason: 'Invalid', status: 422 });
    const nowhere = api.jsonPatch(crispMcpServerType, reference, [{ op: 'remove', path: '/spec/displayName' }]);
    expect(await failure(nowhere)).toMatchObject({ reason: 'Invalid', status: 422 });
    expect(await api.get(crispMcpServerType, reference)).toEqual(patched);
  });

  test('writes that change nothing keep the resource version and make no event', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const from = await present(api, crispMcpServerType, namespace);
    const settled = await settle(api, server(namespace, { tags: ['a'] }));
    const version = settled.metadata.resourceVersion;
    const spec = { tags: ['a'] };
    const unchanged = [
      await api.replace(crispMcpServerType, settled),
      await api.mergePatch(crispMcpServerType, reference, { spec }),
      await api.mergePatch(crispMcpServerType, reference, { status: settled.status }, { subresource: 'status' }),
      await api.jsonPatch(crispMcpServerType, reference, [{ op: 'test', path: '/spec/tags/0', value: 'a' }]),
    ];
    expect(unchanged.map((object) => object.metadata.resourceVersion)).toEqual(unchanged.map(() => version));
    await api.delete(crispMcpServerType, reference);
    const events = await take(api, crispMcpServerType, { namespace, resourceVersion: from }, 3);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('the first write to a custom resource stores the default status, also when it changes nothing', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const created = await api.create(crispMcpServerType, server(namespace));
    const first = await api.mergePatch(crispMcpServerType, reference, { spec: {} });
    const second = await api.mergePatch(crispMcpServerType, reference, { spec: {} });
    expect(first).toEqual({ ...created, metadata: { ...created.metadata, resourceVersion: expect.any(String) } });
    expect(first.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion);
    expect(second).toEqual(first);
  });

  test('managedFields tell who wrote what, through which subresource', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    await api.create(crispMcpServerType, server(namespace));
    await api.mergePatch(crispMcpServerType, reference, { spec: { suspend: true } }, { fieldManager: 'person' });
    const status = { observedGeneration: 1 };
    const options = { fieldManager: 'observer', subresource: 'status' } as const;
    const { metadata } = await api.mergePatch(crispMcpServerType, reference, { status }, options);
    expect(metadata.managedFields).toHaveLength(3);
    expect(metadata.managedFields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ manager: 'crisp-mcp-operator', operation: 'Update' }),
        expect.objectContaining({
          manager: 'person',
          operation: 'Update',
          apiVersion: 'crispmcp.io/v1alpha1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:suspend': {} } },
        }),
        expect.objectContaining({ manager: 'observer', subresource: 'status' }),
      ]),
    );
  });
}
