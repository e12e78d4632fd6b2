import type { Random } from '../../process/random.ts';
import { isList, isObject, type Json, type JsonObject, member, text, withKey } from './json.ts';
import { freeMap, listOf, record, type SchemaNode, scalar } from './structural-schema.ts';

/** Metadata: its structure for apply, its rules, and the identities the server gives. */
export const metadataSchema: SchemaNode = record({
  name: scalar,
  generateName: scalar,
  namespace: scalar,
  uid: scalar,
  resourceVersion: scalar,
  generation: scalar,
  creationTimestamp: scalar,
  deletionTimestamp: scalar,
  deletionGracePeriodSeconds: scalar,
  labels: freeMap,
  annotations: freeMap,
  finalizers: listOf({ kind: 'set' }),
  ownerReferences: listOf(
    { kind: 'map', keys: ['uid'] },
    record({
      apiVersion: scalar,
      kind: scalar,
      name: scalar,
      uid: scalar,
      controller: scalar,
      blockOwnerDeletion: scalar,
    }),
  ),
});

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED =
  /^(([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

export function validateName(name: string, form: 'label' | 'subdomain'): string[] {
  const [pattern, longest, noun] =
    form === 'label' ? ([LABEL, 63, 'label'] as const) : ([SUBDOMAIN, 253, 'subdomain'] as const);
  if (name === '') return ['metadata.name: Required value: name or generateName is required'];
  const shown = `metadata.name: Invalid value: ${JSON.stringify(name)}`;
  return [
    ...(name.length > longest ? [`${shown}: must be no more than ${longest} bytes`] : []),
    ...(pattern.test(name)
      ? []
      : [`${shown}: a lowercase RFC 1123 ${noun} must consist of lower case alphanumeric characters or '-'`]),
  ];
}

export function validateMetadata(object: JsonObject): string[] {
  const metadata = member(object, 'metadata');
  return [...validateLabels(member(metadata, 'labels')), ...validateFinalizers(member(metadata, 'finalizers'))];
}

function validateLabels(labels: Json | undefined): string[] {
  if (labels === undefined) return [];
  return Object.entries(isObject(labels) ? labels : {}).flatMap(([key, value]) => [
    ...(QUALIFIED.test(key) && (key.split('/').at(-1) ?? '').length <= 63
      ? []
      : [`metadata.labels: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters`]),
    ...(typeof value === 'string' && value.length <= 63 && LABEL_VALUE.test(value)
      ? []
      : [
          `metadata.labels: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`,
        ]),
  ]);
}

function validateFinalizers(finalizers: Json | undefined): string[] {
  return (isList(finalizers) ? finalizers : []).flatMap((name, index) =>
    typeof name === 'string' && QUALIFIED.test(name)
      ? []
      : [
          `metadata.finalizers[${index}]: Invalid value: ${JSON.stringify(name)}: name part must consist of alphanumeric characters`,
        ],
  );
}

/** What an update may not do to metadata. */
export function validateMetadataChange(before: JsonObject, after: JsonObject): string[] {
  const [old, now] = [member(before, 'metadata'), member(after, 'metadata')];
  const wasDeleting = text(member(old, 'deletionTimestamp')) !== undefined;
  const added = finalizersOf(after).filter((name) => !finalizersOf(before).includes(name));
  return [
    ...(['name', 'namespace', 'uid'] as const).flatMap((field) =>
      member(old, field) === member(now, field)
        ? []
        : [`metadata.${field}: Invalid value: ${JSON.stringify(member(now, field) ?? '')}: field is immutable`],
    ),
    ...(wasDeleting && added.length > 0
      ? [
          `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
        ]
      : []),
  ];
}

export function finalizersOf(object: JsonObject): string[] {
  const finalizers = member(member(object, 'metadata'), 'finalizers');
  return isList(finalizers) ? finalizers.filter((name) => typeof name === 'string') : [];
}

/** Metadata is typed on the server: what is empty or null is not there. */
export function tidyMetadata(metadata: JsonObject): JsonObject {
  return Object.entries(metadata).reduce<JsonObject>(
    (result, [key, value]) => (isEmpty(value) ? withKey(result, key, undefined) : result),
    metadata,
  );
}

function isEmpty(value: Json): boolean {
  if (isList(value)) return value.length === 0;
  return value === null || value === '' || (isObject(value) && Object.keys(value).length === 0);
}

const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The five characters that complete `generateName`. */
export function nameSuffix(random: Random): string {
  return [...random.bytes(5)].map((byte) => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]).join('');
}
