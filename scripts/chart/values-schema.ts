import { z } from 'zod';

/**
 * Every value of the chart: its type, its default and what it is for. The one source of `values.yaml`,
 * `values.schema.json` and the table in the chart's README. Objects are strict, so that a misspelt value is an error and
 * not silence; what has no sensible default is empty and is checked where it is needed.
 */
const text = (description: string, byDefault = '') => z.string().default(byDefault).describe(description);
const flag = (description: string, byDefault: boolean) => z.boolean().default(byDefault).describe(description);
const count = (description: string, byDefault: number, lowest = 0, highest = 86_400) =>
  z.number().int().min(lowest).max(highest).default(byDefault).describe(description);
const texts = (description: string, byDefault: readonly string[] = []) =>
  z
    .array(z.string().min(1))
    .default([...byDefault])
    .describe(description);
/** Passed on to Kubernetes as it is; the API server checks it. */
const raw = (description: string, byDefault: Readonly<Record<string, unknown>> = {}) =>
  z
    .record(z.string(), z.unknown())
    .default({ ...byDefault })
    .describe(description);
const rawList = (description: string, byDefault: readonly Record<string, unknown>[] = []) =>
  z
    .array(z.record(z.string(), z.unknown()))
    .default([...byDefault])
    .describe(description);
const group = <Shape extends z.ZodRawShape>(description: string, shape: Shape) =>
  z.strictObject(shape).describe(description);

const pullPolicy = z
  .enum(['Always', 'IfNotPresent', 'Never'])
  .default('IfNotPresent')
  .describe('When the node fetches the image.');
const resources = (cpu: string, memory: string, limit: string) =>
  raw('Requests and limits.', { requests: { cpu, memory }, limits: { memory: limit } });
const logLevel = z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('What is logged.');

const secretKey = (description: string) =>
  group(description, {
    name: text('Name of the Secret.'),
    key: text('Key in it.', 'url'),
  });

const scheduling = {
  nodeSelector: raw('Labels that a node must have.'),
  tolerations: rawList('Taints that are borne.'),
  affinity: raw('Affinity of the Pods.'),
  priorityClassName: text('Priority class of the Pods.'),
  podLabels: raw('Labels on the Pods besides ours.'),
  podAnnotations: raw('Annotations on the Pods besides ours.'),
  extraEnv: rawList('Environment variables besides ours, as in a Pod.'),
};

export const valuesSchema = group('Values of the chart crisp-mcp.', {
  nameOverride: text('Replaces the name of the chart in names.'),
  fullnameOverride: text('Replaces the whole prefix of names (default: the release).'),
  publicUrl: z
    .string()
    .regex(/^(https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?)?$/)
    .default('')
    .describe(
      'Required. Where clients reach the gateway, such as https://mcp.example.com; the URLs in Secrets begin with it.',
    ),
  watchNamespaces: texts(
    'The only namespaces that are looked after; they must exist. Empty: the whole cluster. A list gives Roles instead of ClusterRoles.',
  ),
  checkOtherInstalls: flag(
    'Whether to look for another install that would fight with this one. Needs the right to list roles in the cluster; without it, switch it off.',
    true,
  ),
  allowedApiUrls: texts('Origins of the Crisp API that accounts may name.', ['https://api.crisp.chat']),
  imagePullSecrets: rawList('Secrets for the registry, as `- name: x`.'),

  image: group('The image of all our processes.', {
    repository: text(
      'Where it lies. The default is the name that `npm run image` and `docker build` give it on your own nodes.',
      'crisp-mcp',
    ),
    tag: text('Its tag (default: the version of the chart).'),
    digest: text('Its digest, `sha256:…`; goes before the tag.'),
    pullPolicy,
  }),

  crds: group('The custom resource definitions.', {
    enabled: flag('Whether this release brings them. One release of a cluster may.', true),
    keep: flag('Whether they, and with them all servers and accounts, stay when the release is uninstalled.', true),
  }),

  userRoles: group('ClusterRoles to be bound to people. No role of Kubernetes takes them in.', {
    create: flag('Whether to make them. One release of a cluster may.', true),
  }),

  keyring: group('The keys that sign routes and seal Crisp credentials in Redis.', {
    existingSecret: text(
      'Name of a Secret of yours with the keys `current` and, while you rotate, `previous` (`crisp-mcp keyring` prints one). Use it with GitOps: what renders without the cluster cannot keep a generated key.',
    ),
    rotation: z
      .enum(['', 'prepare', 'activate'])
      .default('')
      .describe(
        'Rotates the generated key: upgrade with `prepare`, a minute later with `activate`, ten minutes later with nothing.',
      ),
  }),

  operator: group('The operator: one replica leads, the others wait.', {
    replicas: count('How many.', 2, 0, 10),
    logLevel,
    leaseDuration: count('Seconds that a silent leader is waited for.', 15, 5, 300),
    resources: resources('50m', '128Mi', '384Mi'),
    serviceAccountAnnotations: raw('Annotations on its ServiceAccount.'),
    ...scheduling,
  }),

  gateway: group('The gateway: serves /mcp/<token>, knows nothing of Kubernetes.', {
    replicas: count('How many, unless `autoscaling` decides.', 2, 0, 1000),
    logLevel,
    publicHosts: texts('Host names that are answered (default: the one of `publicUrl`, and the Service).'),
    allowedOrigins: texts('Web origins whose browsers may call it.'),
    legacySse: flag('Serve HTTP+SSE of 2024 too; then run one replica or keep each client on one.', false),
    staleFor: count('Seconds that routes are served without word from Redis.', 5, 1, 300),
    accessLogSample: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('Share of successful requests in the access log; others are always in it.'),
    audit: group('The record of each tool call.', {
      place: z
        .enum(['stdout', 'redis', 'none'])
        .default('stdout')
        .describe('Lines on stdout, a stream in Redis, or nowhere.'),
      required: flag('Refuse tool calls that cannot be recorded.', false),
      arguments: flag('Record the arguments too, without what looks like a secret.', false),
      length: count('About how many records the stream keeps.', 100_000, 1, 1_000_000),
    }),
    drainDelay: count('Seconds after SIGTERM during which new connections are still taken.', 5, 0, 300),
    drainTimeout: count('Seconds after that for running calls to end.', 25, 0, 3600),
    service: group('Its Service.', {
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP').describe('Kind of Service.'),
      port: count('Its port.', 80, 1, 65_535),
      annotations: raw('Annotations on it.'),
    }),
    autoscaling: group('A HorizontalPodAutoscaler; needs a metrics server.', {
      enabled: flag('Whether there is one.', false),
      minReplicas: count('At least.', 2, 1, 1000),
      maxReplicas: count('At most.', 10, 1, 1000),
      targetCPUUtilizationPercentage: count('Of the CPU requests.', 70, 1, 1000),
    }),
    podDisruptionBudget: group('Keeps gateways while nodes are drained.', {
      enabled: flag('Whether there is one.', true),
      maxUnavailable: count('How many may be missing.', 1, 1, 1000),
    }),
    topologySpread: flag('Spread over nodes and zones as far as possible.', true),
    resources: resources('100m', '160Mi', '512Mi'),
    ...scheduling,
  }),

  redis: group('The route store.', {
    mode: z
      .enum(['embedded', 'existing'])
      .default('embedded')
      .describe('`embedded`: one Redis of this chart, for trying out and small installs. `existing`: yours.'),
    existing: group('Your Redis, version 7 or newer, with `noeviction`.', {
      url: text(
        'URL without a password: redis://, rediss://, redis+sentinel://host:26379,…/name or redis+cluster://host:6379,…',
      ),
      operatorUrlSecret: secretKey('Secret with the URL for the operator, user and password in it.'),
      gatewayUrlSecret: secretKey('Secret with the URL for the gateway (default: that of the operator).'),
      caSecret: group('The authority behind a rediss:// server, when it is not a public one.', {
        name: text('Name of the Secret.'),
        key: text('Key in it.', 'ca.crt'),
      }),
    }),
    embedded: group('The Redis of this chart. Its passwords are generated once and kept.', {
      image: group('Its image.', {
        repository: text('Where it lies.', 'docker.io/library/redis'),
        tag: text('Its tag.', '7.2-alpine'),
        digest: text('Its digest; goes before the tag.'),
        pullPolicy,
      }),
      existingSecret: text(
        'A Secret of yours with `users.acl`, `operator-url` and `gateway-url`. Use it with GitOps; docs/install.md shows how to make it.',
      ),
      persistence: group('A volume, so that no URL waits for a rebuild when the Pod moves.', {
        enabled: flag('Whether there is one.', true),
        size: text('Its size.', '1Gi'),
        storageClass: text('Its class (default: that of the cluster).'),
      }),
      maxmemory: text('Beyond it writes are refused, never evicted.', '192mb'),
      resources: resources('50m', '64Mi', '256Mi'),
      nodeSelector: raw('Labels that a node must have.'),
      tolerations: rawList('Taints that are borne.'),
      affinity: raw('Affinity of the Pod.'),
    }),
  }),

  networkPolicy: group('Everything is denied but what is needed.', {
    enabled: flag('Whether there are NetworkPolicies.', true),
    gatewayFrom: rawList('Peers that may call the gateway, as in a NetworkPolicy (default: any).'),
    metricsFrom: rawList('Peers that may read metrics (default: any in the cluster).'),
    apiServer: rawList('Peers that are the API server (default: any, on the ports below).'),
    apiServerPorts: z
      .array(z.number().int().min(1).max(65_535))
      .default([443, 6443])
      .describe('Ports of the API server.'),
    crisp: rawList('Peers that are the Crisp API (default: any, on the ports below).'),
    crispPorts: z.array(z.number().int().min(1).max(65_535)).default([443]).describe('Ports of the Crisp API.'),
    existingRedis: rawList('Peers that are your Redis (default: any, on the ports below).'),
    existingRedisPorts: z
      .array(z.number().int().min(1).max(65_535))
      .default([6379, 26379])
      .describe('Ports of your Redis and its sentinels.'),
  }),

  ingress: group('An Ingress to the gateway.', {
    enabled: flag('Whether there is one.', false),
    className: text('Its class.', 'nginx'),
    controller: z
      .enum(['ingress-nginx', 'traefik', 'other'])
      .default('ingress-nginx')
      .describe(
        'Whose annotations are set: no access log (URLs hold tokens), no buffering, long streams. With `other` set them yourself.',
      ),
    annotations: raw('Annotations besides those; yours win.'),
    hosts: texts('Host names (default: that of `publicUrl`).'),
    tlsSecret: text('Secret with the certificate (default: no TLS here).'),
  }),

  httpRoute: group('A Gateway API HTTPRoute to the gateway.', {
    enabled: flag('Whether there is one.', false),
    parentRefs: rawList('The Gateways it joins.'),
    hosts: texts('Host names (default: that of `publicUrl`).'),
    requestTimeout: text('How long one request, and with it a stream, may take; 0s is for ever.', '0s'),
    annotations: raw('Annotations on it.'),
  }),

  metrics: group('For the Prometheus operator and Grafana.', {
    serviceMonitor: group('A ServiceMonitor for operator and gateway; made only where that kind exists.', {
      enabled: flag('Whether there is one.', false),
      interval: text('How often.', '30s'),
      labels: raw('Labels by which Prometheus picks it.'),
    }),
    prometheusRule: group('Alerts; made only where that kind exists.', {
      enabled: flag('Whether there are any.', false),
      labels: raw('Labels by which Prometheus picks them.'),
    }),
    dashboard: group('A dashboard in a ConfigMap, for the sidecar of Grafana.', {
      enabled: flag('Whether there is one.', false),
      labels: raw('Labels by which the sidecar picks it.', { grafana_dashboard: '1' }),
    }),
  }),

  sandbox: group('The Crisp sandbox, to try everything without an account at Crisp.', {
    enabled: flag('Whether there is one. Its address joins `allowedApiUrls`.', false),
    existingSecret: text(
      'A Secret of yours with the keys `identifier` and `key`, its one credential (default: generated).',
    ),
    resources: resources('20m', '96Mi', '256Mi'),
  }),

  cleanup: group('The Job before an uninstall that is to leave nothing: it removes servers and accounts.', {
    timeout: count('Seconds it may take.', 300, 30, 3600),
  }),
});

export type Values = z.input<typeof valuesSchema>;
