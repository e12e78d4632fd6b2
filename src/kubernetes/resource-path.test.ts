import { expect, test } from 'vitest';
import { crispMcpServerType } from '../resources/crisp-mcp-server.ts';
import { namespaceType, secretType } from './core-types.ts';
import { collectionPath, objectPath, withQuery } from './resource-path.ts';

test('paths of core and other groups, of one namespace, all of them, and none', () => {
  expect(objectPath(secretType, { namespace: 'a', name: 'b' })).toBe('/api/v1/namespaces/a/secrets/b');
  expect(objectPath(crispMcpServerType, { namespace: 'a', name: 'b' }, 'status')).toBe(
    '/apis/crispmcp.io/v1alpha1/namespaces/a/crispmcpservers/b/status',
  );
  expect(objectPath(namespaceType, { name: 'a' })).toBe('/api/v1/namespaces/a');
  expect(collectionPath(secretType, undefined)).toBe('/api/v1/secrets');
});

test('a name cannot leave its place in the path', () => {
  expect(objectPath(secretType, { namespace: 'a', name: '../x?y#z' })).toBe(
    '/api/v1/namespaces/a/secrets/..%2Fx%3Fy%23z',
  );
  for (const name of ['', '.', '..']) {
    expect(() => objectPath(secretType, { namespace: 'a', name })).toThrow(/name/);
    if (name !== '') expect(() => objectPath(secretType, { namespace: name, name: 'a' })).toThrow(/no name/);
  }
});

test('a namespace is given exactly where the kind has one', () => {
  expect(() => objectPath(secretType, { name: 'a' })).toThrow('a Secret needs metadata.namespace');
  expect(() => objectPath(namespaceType, { name: 'a', namespace: 'b' })).toThrow('a Namespace has no namespace');
});

test('the query holds what has a value, encoded', () => {
  expect(withQuery('/x', { a: undefined })).toBe('/x');
  expect(withQuery('/x', { labelSelector: 'a in (b)', limit: 5, force: true })).toBe(
    '/x?labelSelector=a+in+%28b%29&limit=5&force=true',
  );
});
