import { eventType, leaseType, namespaceType, secretType } from '../core-types.ts';
import { badRequest } from './api-errors.ts';
import { equal, isObject, type Json, type JsonObject, member, text, toJsonObject, withKey } from './json.ts';
import type { Kind } from './kind.ts';
import { metadataSchema } from './object-meta.ts';
import { atomicObject, freeMap, listOf, record, scalar } from './structural-schema.ts';

/**
 * Secret, Namespace, Lease and Event, reduced to the fields the project uses, with the rules of the API server that a
 * mistake of ours would meet: base64, MicroTime, required fields, immutability.
 */
const common = { apiVersion: scalar, kind: scalar, metadata: metadataSchema };
const plain = {
  hasStatus: false,
  hasGeneration: false,
  needsVersionToReplace: false,
  nameForm: 'subdomain',
  fieldLabels: new Set(['metadata.name', 'metadata.namespace']),
} as const;

const secret: Kind = {
  ...plain,
  type: secretType,
  schema: record({ ...common, type: scalar, data: freeMap, stringData: freeMap, immutable: scalar }),
  fieldLabels: new Set([...plain.fieldLabels, 'type']),
  normalise(object) {
    const encoded = Object.entries(stringsOf(object, 'Secret', 'stringData')).map(
      ([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')] as const,
    );
    const data = { ...stringsOf(object, 'Secret', 'data'), ...Object.fromEntries(encoded) };
    for (const value of Object.values(data)) requireBase64(value);
    const typed = withKey(withKey(object, 'stringData', undefined), 'type', text(member(object, 'type')) ?? 'Opaque');
    return withKey(typed, 'data', Object.keys(data).length === 0 ? undefined : toJsonObject(data));
  },
  validate(object, before) {
    const data = member(object, 'data');
    const entries = Object.entries(isObject(data) ? data : {});
    const size = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(String(value), 'base64'), 0);
    return [
      ...(size > 2 ** 20 ? [`data: Too long: may not be more than ${2 ** 20} bytes`] : []),
      ...entries.flatMap(([key]) =>
        /^[-._a-zA-Z0-9]{1,253}$/.test(key)
          ? []
          : [
              `data[${key}]: Invalid value: "${key}": a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
            ],
      ),
      ...(before === undefined ? [] : validateSecretChange(before, object)),
    ];
  },
};

function validateSecretChange(before: JsonObject, object: JsonObject): string[] {
  const violations = unchanged(before, object, ['type']);
  if (member(before, 'immutable') !== true) return violations;
  if (member(object, 'immutable') !== true) {
    violations.push('immutable: Forbidden: field is immutable when `immutable` is set');
  }
  if (!equal(member(before, 'data'), member(object, 'data'))) {
    violations.push('data: Forbidden: field is immutable when `immutable` is set');
  }
  return violations;
}

const namespace: Kind = {
  ...plain,
  type: namespaceType,
  schema: record({
    ...common,
    spec: record({ finalizers: listOf({ kind: 'atomic' }) }),
    status: record({ phase: scalar }),
  }),
  hasStatus: true,
  nameForm: 'label',
  normalise(object) {
    const metadata = member(object, 'metadata');
    const labels = member(metadata, 'labels');
    const named = withKey(
      isObject(labels) ? labels : {},
      'kubernetes.io/metadata.name',
      member(metadata, 'name') ?? '',
    );
    const isDeleting = member(metadata, 'deletionTimestamp') !== undefined;
    const labelled = withKey(object, 'metadata', withKey(isObject(metadata) ? metadata : {}, 'labels', named));
    const held = withKey(labelled, 'spec', toJsonObject({ finalizers: ['kubernetes'] }));
    return withKey(held, 'status', toJsonObject({ phase: isDeleting ? 'Terminating' : 'Active' }));
  },
  validate: () => [],
};

const lease: Kind = {
  ...plain,
  type: leaseType,
  schema: record({
    ...common,
    spec: record({
      holderIdentity: scalar,
      leaseDurationSeconds: scalar,
      acquireTime: scalar,
      renewTime: scalar,
      leaseTransitions: scalar,
    }),
  }),
  needsVersionToReplace: true,
  normalise(object) {
    const spec = member(object, 'spec');
    requireMicroTime('Lease', member(spec, 'acquireTime'));
    requireMicroTime('Lease', member(spec, 'renewTime'));
    return object;
  },
  validate(object) {
    const spec = member(object, 'spec');
    const [duration, transitions] = [member(spec, 'leaseDurationSeconds'), member(spec, 'leaseTransitions')];
    return [
      ...(typeof duration === 'number' && duration <= 0
        ? [`spec.leaseDurationSeconds: Invalid value: ${duration}: must be greater than 0`]
        : []),
      ...(typeof transitions === 'number' && transitions < 0
        ? [`spec.leaseTransitions: Invalid value: ${transitions}: must be greater than or equal to 0`]
        : []),
    ];
  },
};

const IMMUTABLE_EVENT_FIELDS = [
  'regarding',
  'reason',
  'action',
  'note',
  'type',
  'eventTime',
  'reportingController',
  'reportingInstance',
] as const;

const event: Kind = {
  ...plain,
  type: eventType,
  schema: record({
    ...common,
    ...Object.fromEntries(IMMUTABLE_EVENT_FIELDS.map((field) => [field, scalar])),
    regarding: atomicObject(),
    series: record({ count: scalar, lastObservedTime: scalar }),
  }),
  fieldLabels: new Set([...plain.fieldLabels, 'reason', 'type', 'regarding.kind', 'regarding.name', 'regarding.uid']),
  normalise(object) {
    requireMicroTime('Event', member(object, 'eventTime'));
    requireMicroTime('Event', member(member(object, 'series'), 'lastObservedTime'));
    return object;
  },
  validate(object, before) {
    const [type, note, count] = [
      text(member(object, 'type')) ?? '',
      text(member(object, 'note')) ?? '',
      member(member(object, 'series'), 'count'),
    ];
    const namespaceOfSubject = text(member(member(object, 'regarding'), 'namespace')) ?? '';
    const ownNamespace = text(member(member(object, 'metadata'), 'namespace')) ?? '';
    return [
      ...(namespaceOfSubject !== '' || ownNamespace === 'default'
        ? []
        : [`involvedObject.namespace: Invalid value: "${namespaceOfSubject}": does not match event.namespace`]),
      ...(['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason'] as const).flatMap((field) =>
        (text(member(object, field)) ?? '') === '' ? [`${field}: Required value`] : [],
      ),
      ...(['reportingInstance', 'action', 'reason'] as const).flatMap((field) =>
        (text(member(object, field)) ?? '').length > 128
          ? [`${field}: Invalid value: "": can have at most 128 characters`]
          : [],
      ),
      ...(note.length > 1024 ? ['message: Invalid value: "": can have at most 1024 characters'] : []),
      ...(type === 'Normal' || type === 'Warning' ? [] : [`type: Invalid value: "": has invalid value: ${type}`]),
      ...(typeof count === 'number' && count < 2 ? ['series.count: Invalid value: "": should be at least 2'] : []),
      ...(before === undefined ? [] : unchanged(before, object, IMMUTABLE_EVENT_FIELDS)),
    ];
  },
};

export const BUILT_IN_KINDS: readonly Kind[] = [secret, namespace, lease, event];

function unchanged(before: JsonObject, after: JsonObject, fields: readonly string[]): string[] {
  return fields.flatMap((field) =>
    equal(member(before, field), member(after, field))
      ? []
      : [`${field}: Invalid value: ${JSON.stringify(member(after, field) ?? null)}: field is immutable`],
  );
}

function stringsOf(object: JsonObject, kind: string, field: string): Record<string, string> {
  const values = member(object, field);
  if (values === undefined || values === null) return {};
  return Object.fromEntries(
    Object.entries(isObject(values) ? values : {}).map(([key, value]) => {
      if (typeof value === 'string') return [key, value];
      throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${field}.${key} is not a string`);
    }),
  );
}

function requireBase64(value: string): void {
  if (value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return;
  throw badRequest('Secret in version "v1" cannot be handled as a Secret: illegal base64 data');
}

const MICRO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

function requireMicroTime(kind: string, value: Json | undefined): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'string' && MICRO_TIME.test(value)) return;
  throw badRequest(
    `${kind} in version "v1" cannot be handled as a ${kind}: parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": exactly six fractional digits are needed`,
  );
}
