import type { ResourceType } from '../resources/object.ts';
import { ApiError, type ObjectReference } from './object-api.ts';

/** The paths of the API: `/api/v1/namespaces/ns/secrets/name`, `/apis/group/version/plural`. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${segment(namespace)}` : '';
  return `${root}${scope}/${type.plural}`;
}

/** Throws `BadRequest` without a namespace where the kind has one: the path would mean something else. */
export function objectPath(type: ResourceType, reference: ObjectReference, subresource?: 'status'): string {
  const { namespace, name } = reference;
  requireScope(type, namespace);
  if (name === '') throw badRequest(`a ${type.kind} needs metadata.name`);
  const path = `${collectionPath(type, namespace)}/${segment(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function requireScope(type: ResourceType, namespace: string | undefined): void {
  if (type.namespaced === (namespace !== undefined)) return;
  throw badRequest(type.namespaced ? `a ${type.kind} needs metadata.namespace` : `a ${type.kind} has no namespace`);
}

/** The path with those query parameters that have a value. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | true | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function segment(name: string): string {
  // A name of dots alone would climb in the path.
  if (/^\.*$/.test(name)) throw badRequest(`${JSON.stringify(name)} is no name`);
  return encodeURIComponent(name);
}

function badRequest(message: string): ApiError {
  return new ApiError({ reason: 'BadRequest', status: 400, message });
}
