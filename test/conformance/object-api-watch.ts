import { expect, test } from 'vitest';
import { secretType } from '../../src/kubernetes/core-types.ts';
import { crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { base64, failure, present, type Subject, secret, server, take } from './object-api-subject.ts';

export function watchTests(subject: () => Subject): void {
  test('tells creation, change and deletion, in order, with the object of that moment', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'support' };
    const resourceVersion = await present(api, crispMcpServerType, namespace);
    const watched = take(api, crispMcpServerType, { namespace, resourceVersion }, 4);
    const created = await api.create(crispMcpServerType, server(namespace));
    const changed = await api.mergePatch(crispMcpServerType, reference, { spec: { suspend: true } });
    const status = { observedGeneration: 2 };
    const observed = await api.mergePatch(crispMcpServerType, reference, { status }, { subresource: 'status' });
    await api.delete(crispMcpServerType, reference);
    const events = await watched;
    expect(events.slice(0, 3)).toEqual([
      { type: 'ADDED', object: created },
      { type: 'MODIFIED', object: changed },
      { type: 'MODIFIED', object: observed },
    ]);
    expect(events[3]?.type).toBe('DELETED');
    expect(events[3]?.object.status).toEqual(status);
    expect(events[3]?.object.metadata.resourceVersion).not.toBe(observed.metadata.resourceVersion);
  });

  test('resumes after any version it has seen', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const resourceVersion = await present(api, secretType, namespace);
    for (const name of ['a', 'b', 'c']) await api.create(secretType, secret(namespace, {}, name));
    const first = await take(api, secretType, { namespace, resourceVersion }, 1);
    const seen = first[0]?.object.metadata.resourceVersion ?? '';
    const rest = await take(api, secretType, { namespace, resourceVersion: seen }, 2);
    expect(rest.map(({ object }) => object.metadata.name)).toEqual(['b', 'c']);
  });

  test('from version 0 it begins with what is there', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(secretType, secret(namespace, {}, 'a'));
    const [initial] = await take(api, secretType, { namespace, resourceVersion: '0' }, 1);
    expect([initial?.type, initial?.object.metadata.name]).toEqual(['ADDED', 'a']);
  });

  test('from a version that is forgotten it fails as Expired', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(crispMcpServerType, server(namespace));
    const watched = take(api, crispMcpServerType, { namespace, resourceVersion: '1' }, 1);
    expect(await failure(watched)).toMatchObject({ reason: 'Expired', status: 410 });
  });

  test('an object that begins or ceases to match a selector appears or disappears', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const reference = { namespace, name: 'a' };
    const resourceVersion = await present(api, secretType, namespace);
    const watched = take(api, secretType, { namespace, resourceVersion, labelSelector: 'shown=yes' }, 3);
    await api.create(secretType, secret(namespace, {}, 'a'));
    await api.mergePatch(secretType, reference, { metadata: { labels: { shown: 'yes' } } });
    await api.mergePatch(secretType, reference, { data: { x: base64('1') } });
    await api.mergePatch(secretType, reference, { metadata: { labels: { shown: 'no' } } });
    await api.delete(secretType, reference);
    expect((await watched).map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('metadata only leaves out everything else', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const resourceVersion = await present(api, secretType, namespace);
    const created = await api.create(secretType, secret(namespace, { data: { token: base64('t') } }));
    const events = await take(api, secretType, { namespace, resourceVersion, metadataOnly: true }, 1);
    expect(events).toEqual([
      { type: 'ADDED', object: { apiVersion: 'v1', kind: 'Secret', metadata: created.metadata } },
    ]);
  });

  test('ends without an error after its time, and when its signal aborts', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const resourceVersion = await present(api, secretType, namespace);
    const types = async (options: { timeoutSeconds: number; signal?: AbortSignal }) => {
      const seen: string[] = [];
      for await (const event of api.watch(secretType, { namespace, resourceVersion, ...options }))
        seen.push(event.type);
      return seen.filter((type) => type !== 'BOOKMARK');
    };
    expect(await types({ timeoutSeconds: 1 })).toEqual([]);
    expect(await types({ timeoutSeconds: 60, signal: AbortSignal.timeout(200) })).toEqual([]);
    expect(await types({ timeoutSeconds: 60, signal: AbortSignal.abort() })).toEqual([]);
  });
}
