import { apiVersionOf, type KubernetesObject, type ResourceType } from '../resources/object.ts';

/** Guards the border between JSON and the types of the contract: the value says it is of this kind and has a name. */
export function isOfType<T extends KubernetesObject>(type: ResourceType<T>, value: unknown): value is T {
  return (
    isRecord(value) &&
    value.kind === type.kind &&
    value.apiVersion === apiVersionOf(type) &&
    isRecord(value.metadata) &&
    typeof value.metadata.name === 'string'
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
