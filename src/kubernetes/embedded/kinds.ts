import type { KindDefinition } from '../../resources/definitions.ts';
import { KIND_DEFINITIONS } from '../../resources/definitions.ts';
import type { ResourceType } from '../../resources/object.ts';
import { BUILT_IN_KINDS } from './built-in-kinds.ts';
import { type Json, type JsonObject, member, toJsonObject, withKey } from './json.ts';
import type { Kind } from './kind.ts';
import { metadataSchema } from './object-meta.ts';
import { validate } from './schema-validation.ts';
import { record, scalar, schemaOf } from './structural-schema.ts';

/** The kinds the embedded API serves: ours, read from their definitions, and the built-in ones the project touches. */
export const EMBEDDED_KINDS: readonly Kind[] = [...KIND_DEFINITIONS.map(customKind), ...BUILT_IN_KINDS];

const DEFAULT_STATUS = toJsonObject({ observedGeneration: -1 });

function customKind(definition: KindDefinition): Kind {
  const [spec, status] = [schemaOf(definition.spec), schemaOf(definition.status)];
  return {
    type: definition.type,
    schema: record({ apiVersion: scalar, kind: scalar, metadata: metadataSchema, spec, status }),
    hasStatus: true,
    hasGeneration: true,
    needsVersionToReplace: true,
    nameForm: 'subdomain',
    fieldLabels: new Set(['metadata.name', 'metadata.namespace']),
    normalise: (object) =>
      member(object, 'status') === undefined ? withKey(object, 'status', DEFAULT_STATUS) : object,
    validate(object, before) {
      const [newSpec, newStatus] = [member(object, 'spec'), member(object, 'status')];
      return [
        ...(newSpec === undefined ? ['spec: Required value'] : validate(spec, newSpec, member(before, 'spec'), 'spec')),
        ...(newStatus === undefined ? [] : validate(status, newStatus, member(before, 'status'), 'status')),
      ];
    },
  };
}

export function kindKey(type: ResourceType): string {
  return `${type.plural}.${type.group}`;
}

/** The value at a dotted path, as field selectors name it. */
export function fieldAt(object: JsonObject, path: string): string | undefined {
  const value = path.split('.').reduce<Json | undefined>((node, key) => member(node, key), object);
  return typeof value === 'string' ? value : undefined;
}
