import { expect, test } from 'vitest';
import { secretType } from '../../src/kubernetes/core-types.ts';
import { crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { base64, failure, type Subject, secret, server } from './object-api-subject.ts';

export function listTests(subject: () => Subject): void {
  test('shows one namespace, in the order of names, each object whole', async () => {
    const { api, freshNamespace } = subject();
    const [namespace, other] = [await freshNamespace(), await freshNamespace()];
    await api.create(crispMcpServerType, server(namespace, {}, 'b'));
    const first = await api.create(crispMcpServerType, server(namespace, {}, 'a'));
    await api.create(crispMcpServerType, server(other, {}, 'c'));
    const list = await api.list(crispMcpServerType, { namespace });
    expect(list.items.map((item) => item.metadata.name)).toEqual(['a', 'b']);
    expect(list.items[0]).toEqual(first);
    expect(list.resourceVersion).toMatch(/^\d+$/);
    const everywhere = await api.list(crispMcpServerType);
    expect(everywhere.items.filter((item) => [namespace, other].includes(item.metadata.namespace ?? ''))).toHaveLength(
      3,
    );
  });

  test('comes in pages that show one moment', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await api.create(secretType, secret(namespace, {}, name));
    const first = await api.list(secretType, { namespace, limit: 2 });
    expect(first.items.map((item) => item.metadata.name)).toEqual(['a', 'b']);
    await api.delete(secretType, { namespace, name: 'c' });
    await api.create(secretType, secret(namespace, {}, 'bb'));
    const second = await api.list(secretType, { namespace, limit: 2, continue: first.continue ?? '' });
    expect(second.items.map((item) => item.metadata.name)).toEqual(['c', 'd']);
    expect(second.resourceVersion).toBe(first.resourceVersion);
    const third = await api.list(secretType, { namespace, limit: 2, continue: second.continue ?? '' });
    expect(third.items.map((item) => item.metadata.name)).toEqual(['e']);
    expect(third.continue).toBeUndefined();
  });

  test('a continue token that is none is a BadRequest', async () => {
    const { api, freshNamespace } = subject();
    const list = api.list(secretType, { namespace: await freshNamespace(), limit: 1, continue: 'nonsense' });
    expect(await failure(list)).toMatchObject({ reason: 'BadRequest', status: 400 });
  });

  test.each([
    ['team=a', ['one']],
    ['team==a', ['one']],
    ['team!=a', ['three', 'two']],
    ['team', ['one', 'two']],
    ['!team', ['three']],
    ['team in (a,b)', ['one', 'two']],
    ['team notin (a)', ['three', 'two']],
    ['team=b,crispmcp.io/server=x', ['two']],
  ])('selects labels by %s', async (labelSelector, names) => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const labelled = (name: string, labels: Record<string, string>) => ({
      ...secret(namespace, {}, name),
      metadata: { name, namespace, labels },
    });
    await api.create(secretType, labelled('one', { team: 'a' }));
    await api.create(secretType, labelled('two', { team: 'b', 'crispmcp.io/server': 'x' }));
    await api.create(secretType, labelled('three', {}));
    const list = await api.list(secretType, { namespace, labelSelector });
    expect(list.items.map((item) => item.metadata.name)).toEqual(names);
  });

  test('selects by name and by type of Secret, and refuses other fields', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    await api.create(secretType, secret(namespace, { type: 'crispmcp.io/token' }, 'a'));
    await api.create(secretType, secret(namespace, {}, 'b'));
    const names = async (fieldSelector: string) =>
      (await api.list(secretType, { namespace, fieldSelector })).items.map((item) => item.metadata.name);
    expect(await names('metadata.name=b')).toEqual(['b']);
    expect(await names('type=crispmcp.io/token')).toEqual(['a']);
    expect(await names('type!=crispmcp.io/token')).toEqual(['b']);
    expect(await failure(names('data.x=1'))).toMatchObject({ reason: 'BadRequest', status: 400 });
    const custom = api.list(crispMcpServerType, { namespace, fieldSelector: 'spec.suspend=true' });
    expect(await failure(custom)).toMatchObject({ reason: 'BadRequest', status: 400 });
  });

  test('metadata only leaves out everything else', async () => {
    const { api, freshNamespace } = subject();
    const namespace = await freshNamespace();
    const created = await api.create(secretType, secret(namespace, { data: { token: base64('t') } }));
    const { items } = await api.list(secretType, { namespace, metadataOnly: true });
    expect(items).toEqual([{ apiVersion: 'v1', kind: 'Secret', metadata: created.metadata }]);
  });

  test('a call whose signal is aborted fails as Unreachable', async () => {
    const { api, freshNamespace } = subject();
    const list = api.list(secretType, { namespace: await freshNamespace(), signal: AbortSignal.abort() });
    expect(await failure(list)).toMatchObject({ reason: 'Unreachable', status: 0 });
  });
}
