import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type Secret, secretType } from '../../src/kubernetes/core-types.ts';
import { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { createKubernetesObjectApi } from '../../src/kubernetes/kubernetes-object-api.ts';
import { isApiError, type ObjectApi } from '../../src/kubernetes/object-api.ts';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import {
  type CrispMcpServer,
  type CrispMcpServerSpec,
  crispMcpServerType,
} from '../../src/resources/crisp-mcp-server.ts';
import type { KubernetesObject, ResourceType } from '../../src/resources/object.ts';
import { sharedCluster } from '../harness/cluster.ts';
import { condition, FINALIZER, server } from './object-api-subject.ts';

/**
 * Random writes to one object, given to both implementations: each write must have the same outcome, leave the same
 * object with the same owners, and take effect or not alike. This is what lets the simulation stand for a cluster.
 */
const cluster = sharedCluster();
const real = createKubernetesObjectApi({
  kubeconfig: cluster.kubeconfig,
  clock: systemClock,
  logger: silentLogger,
  rate: { perSecond: 1000, burst: 1000 },
});
afterAll(() => real.close());

const tags = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
const names = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 2 });
const spec = fc
  .record(
    {
      tags,
      methods: fc.uniqueArray(fc.constantFrom('read', 'write'), { minLength: 1, maxLength: 2 }),
      displayName: fc.constantFrom('One', 'Two'),
      suspend: fc.boolean(),
      secretName: fc.constantFrom('mine', 'yours'),
      tools: fc.record({ only: names, except: names }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .map((fields): Partial<CrispMcpServerSpec> => JSON.parse(JSON.stringify(fields)));
const status = fc.record(
  {
    observedGeneration: fc.integer({ min: -1, max: 3 }),
    conditions: fc
      .uniqueArray(fc.constantFrom('Ready', 'Stalled', 'Expired'), { maxLength: 3 })
      .map((types) => types.map((type) => ({ ...condition, type }))),
    tools: names.map((list) => ({ count: list.length, names: list })),
    reason: fc.constantFrom('Serving', 'Provisioning'),
  },
  { requiredKeys: [] },
);
const finalizers = fc.option(fc.uniqueArray(fc.constantFrom(FINALIZER, 'example.com/x'), { maxLength: 2 }), {
  nil: undefined,
});
const manager = fc.constantFrom('ours', 'theirs');
const nullable = (value: object): fc.Arbitrary<object> =>
  fc.subarray(Object.keys(value)).map((keys) => ({ ...value, ...Object.fromEntries(keys.map((key) => [key, null])) }));

type Step = (api: ObjectApi, namespace: string) => Promise<KubernetesObject | undefined>;
interface Described {
  readonly text: string;
  readonly run: Step;
}

const build = (
  namespace: string,
  parts: { spec: Partial<CrispMcpServerSpec>; finalizers?: string[] | undefined; status?: object },
): CrispMcpServer => {
  const plain = server(namespace, parts.spec);
  const metadata =
    parts.finalizers === undefined ? plain.metadata : { ...plain.metadata, finalizers: parts.finalizers };
  return {
    ...plain,
    metadata,
    ...(parts.status === undefined ? {} : { status: JSON.parse(JSON.stringify(parts.status)) }),
  };
};
const reference = (namespace: string) => ({ namespace, name: 'support' });
const describeStep = (name: string, parts: unknown, run: Step): Described => ({
  text: `${name} ${JSON.stringify(parts)}`,
  run,
});

const step: fc.Arbitrary<Described> = fc.oneof(
  fc
    .record({ spec, finalizers, fieldManager: manager })
    .map((parts) =>
      describeStep('create', parts, (api, namespace) =>
        api.create(crispMcpServerType, build(namespace, parts), { fieldManager: parts.fieldManager }),
      ),
    ),
  fc
    .record({ spec, finalizers, fieldManager: manager, force: fc.boolean() })
    .map((parts) =>
      describeStep('apply', parts, (api, namespace) => api.apply(crispMcpServerType, build(namespace, parts), parts)),
    ),
  fc.record({ status, fieldManager: manager, force: fc.boolean() }).map((parts) =>
    describeStep('apply status', parts, (api, namespace) =>
      api.apply(crispMcpServerType, build(namespace, { spec: {}, status: parts.status }), {
        ...parts,
        subresource: 'status',
      }),
    ),
  ),
  fc.record({ spec: spec.chain(nullable), fieldManager: manager, finalizers }).map((parts) =>
    describeStep('patch', parts, (api, namespace) =>
      api.mergePatch(
        crispMcpServerType,
        reference(namespace),
        {
          spec: parts.spec,
          ...(parts.finalizers === undefined ? {} : { metadata: { finalizers: parts.finalizers } }),
        },
        parts,
      ),
    ),
  ),
  fc
    .record({ status: status.chain(nullable), fieldManager: manager })
    .map((parts) =>
      describeStep('patch status', parts, (api, namespace) =>
        api.mergePatch(
          crispMcpServerType,
          reference(namespace),
          { status: parts.status },
          { ...parts, subresource: 'status' },
        ),
      ),
    ),
  fc.record({ spec, finalizers, fieldManager: manager }).map((parts) =>
    describeStep('replace', parts, async (api, namespace) => {
      const present = await api.get(crispMcpServerType, reference(namespace));
      const wanted = build(namespace, parts);
      const { resourceVersion = '1' } = present?.metadata ?? {};
      return api.replace(
        crispMcpServerType,
        { ...wanted, metadata: { ...wanted.metadata, resourceVersion } },
        { fieldManager: parts.fieldManager },
      );
    }),
  ),
  fc.constant(
    describeStep('delete', undefined, async (api, namespace) => {
      await api.delete(crispMcpServerType, reference(namespace));
      return undefined;
    }),
  ),
);

/** What both must agree on: not identities, times and the numbers of versions. */
function comparable(object: KubernetesObject | undefined): unknown {
  if (object === undefined) return undefined;
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, managedFields, namespace, ...metadata } =
    object.metadata;
  const owners: { manager: string; operation: string; subresource?: string; fieldsV1?: unknown }[] = JSON.parse(
    JSON.stringify(managedFields ?? []),
  );
  return {
    ...object,
    metadata: { ...metadata, isDeleting: deletionTimestamp !== undefined },
    owners: Object.fromEntries(
      owners.map((owner) => [`${owner.manager}/${owner.operation}/${owner.subresource ?? ''}`, owner.fieldsV1]),
    ),
  };
}

async function outcome(api: ObjectApi, type: ResourceType, namespace: string, run: Step): Promise<unknown> {
  const before = await api.get(type, reference(namespace));
  const answer = await run(api, namespace).then(
    (object) => comparable(object),
    (error: unknown) => {
      if (!isApiError(error)) throw error;
      return { reason: error.reason, status: error.status };
    },
  );
  const after = await api.get(type, reference(namespace));
  const hasEffect = before?.metadata.resourceVersion !== after?.metadata.resourceVersion;
  return { answer, after: comparable(after), hasEffect };
}

const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'));
const data = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('MQ==', 'Mg=='));
const secretParts = fc.record(
  { data, labels, finalizers, fieldManager: manager, force: fc.boolean() },
  { requiredKeys: ['fieldManager', 'force'] },
);
type SecretParts = {
  data?: Record<string, string>;
  labels?: Record<string, string>;
  finalizers?: string[] | undefined;
};

function buildSecret(namespace: string, parts: SecretParts): Secret {
  const metadata = { ...reference(namespace), ...JSON.parse(JSON.stringify({ ...parts, data: undefined })) };
  const { fieldManager: _, force: __, ...kept } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: kept,
    ...(parts.data === undefined ? {} : { data: parts.data }),
  };
}

const secretStep: fc.Arbitrary<Described> = fc.oneof(
  secretParts.map((parts) =>
    describeStep('create', parts, (api, namespace) => api.create(secretType, buildSecret(namespace, parts), parts)),
  ),
  secretParts.map((parts) =>
    describeStep('apply', parts, (api, namespace) => api.apply(secretType, buildSecret(namespace, parts), parts)),
  ),
  secretParts.map((parts) =>
    describeStep('replace', parts, (api, namespace) => api.replace(secretType, buildSecret(namespace, parts), parts)),
  ),
  fc
    .record({ data: data.chain(nullable), labels: labels.chain(nullable), fieldManager: manager })
    .map((parts) =>
      describeStep('patch', parts, (api, namespace) =>
        api.mergePatch(
          secretType,
          reference(namespace),
          { data: parts.data, metadata: { labels: parts.labels } },
          parts,
        ),
      ),
    ),
  fc
    .record({ key: fc.constantFrom('x', 'y'), value: fc.constantFrom('MQ==', 'Mg=='), fieldManager: manager })
    .map((parts) =>
      describeStep('JSON patch', parts, (api, namespace) =>
        api.jsonPatch(
          secretType,
          reference(namespace),
          [
            { op: 'test', path: `/data/${parts.key}`, value: parts.value },
            { op: 'remove', path: `/data/${parts.key}` },
          ],
          parts,
        ),
      ),
    ),
  fc.constant(
    describeStep('delete', undefined, async (api, namespace) => {
      await api.delete(secretType, reference(namespace));
      return undefined;
    }),
  ),
);

async function compare(type: ResourceType, steps: readonly Described[]): Promise<void> {
  const namespace = await cluster.freshNamespace('differential');
  const embedded = new EmbeddedObjectApi({ clock: systemClock, random: systemRandom });
  for (const { run, text } of steps) {
    const expected = await outcome(real, type, namespace, run);
    expect(await outcome(embedded, type, namespace, run), text).toEqual(expected);
  }
}

const settings = { numRuns: Number(process.env.DIFFERENTIAL_RUNS ?? 60) };

test('random writes to a server have the same outcome on the embedded and on the Kubernetes API', async () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sequences, (steps) => compare(crispMcpServerType, steps)),
    settings,
  );
}, 300_000);

test('random writes to a Secret have the same outcome on the embedded and on the Kubernetes API', async () => {
  const sequences = fc.array(secretStep, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sequences, (steps) => compare(secretType, steps)),
    settings,
  );
}, 300_000);
