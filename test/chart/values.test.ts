import { expect, test } from 'vitest';
import { renderText } from '../../scripts/chart/render.ts';
import { valueRows } from '../../scripts/chart/values-files.ts';

/**
 * Every value of the chart does what its description says: set to something else, it brings a line into what is rendered
 * (or takes one away) that the defaults of the same situation do not have. A value that is missing here fails the last test.
 */
interface Case {
  /** Where the value matters; the render without the value is compared with the one that has it. */
  readonly given?: object;
  readonly value: unknown;
  readonly adds?: string;
  readonly removes?: string;
}

const SANDBOX = { sandbox: { enabled: true } };
const EXISTING = { redis: { mode: 'existing', existing: { url: 'redis://mine:6379' } } };
const SCALED = { gateway: { autoscaling: { enabled: true } } };
const INGRESS = { ingress: { enabled: true } };
const ROUTE = { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } };
const MONITORED = {
  metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true }, dashboard: { enabled: true } },
};
const PEER = [{ ipBlock: { cidr: '192.0.2.7/32' } }];
const peers = { value: PEER, adds: 'cidr: 192.0.2.7/32' };
const resources = { value: { limits: { memory: '999Mi' } }, adds: 'memory: 999Mi' };

const pods = (prefix: string): Record<string, Case> => ({
  [`${prefix}.nodeSelector`]: { value: { disk: 'ssd' }, adds: 'disk: ssd' },
  [`${prefix}.tolerations`]: { value: [{ key: 'spot', operator: 'Exists' }], adds: 'key: spot' },
  [`${prefix}.affinity`]: { value: { nodeAffinity: {} }, adds: 'nodeAffinity: {}' },
  [`${prefix}.resources`]: resources,
});
const scheduled = (prefix: string): Record<string, Case> => ({
  ...pods(prefix),
  [`${prefix}.priorityClassName`]: { value: 'high', adds: 'priorityClassName: high' },
  [`${prefix}.podLabels`]: { value: { team: 'blue' }, adds: 'team: blue' },
  [`${prefix}.podAnnotations`]: { value: { note: 'seen' }, adds: 'note: seen' },
  [`${prefix}.extraEnv`]: { value: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }], adds: 'name: HTTPS_PROXY' },
  [`${prefix}.logLevel`]: { value: 'debug', adds: 'value: debug' },
});

const CASES: Readonly<Record<string, Case>> = {
  nameOverride: { value: 'mcp', adds: 'app.kubernetes.io/name: mcp' },
  fullnameOverride: { value: 'assistants', adds: 'name: assistants-gateway' },
  publicUrl: { value: 'https://other.example', adds: 'value: "https://other.example"' },
  watchNamespaces: { value: ['shop'], adds: 'value: "shop"' },
  // Needs a cluster to look at; install.test.ts has it.
  checkOtherInstalls: { value: false },
  allowedApiUrls: { value: ['https://crisp.test'], adds: 'value: "https://crisp.test"' },
  imagePullSecrets: { value: [{ name: 'registry' }], adds: '- name: registry' },
  'image.repository': { value: 'registry.test/mcp', adds: 'image: registry.test/mcp:0.1.0' },
  'image.tag': { value: 'v9', adds: 'image: crisp-mcp:v9' },
  'image.digest': { value: 'sha256:abc', adds: 'image: crisp-mcp@sha256:abc' },
  'image.pullPolicy': { value: 'Always', adds: 'imagePullPolicy: Always' },
  'crds.enabled': { value: false, removes: 'name: crispmcpservers.crispmcp.io' },
  'crds.keep': { value: false, adds: 'helm.sh/hook: pre-delete', removes: 'helm.sh/resource-policy: keep' },
  'userRoles.create': { value: false, removes: 'name: crisp-server-editor' },
  'keyring.existingSecret': { value: 'mine', adds: 'secretName: mine', removes: 'secretName: crisp-mcp-keyring' },
  'keyring.rotation': { value: 'prepare', adds: 'previous: ' },

  'operator.replicas': { value: 3, adds: 'replicas: 3' },
  'operator.leaseDuration': { value: 40, adds: 'value: "40"' },
  'operator.serviceAccountAnnotations': { value: { role: 'arn' }, adds: 'role: arn' },
  ...scheduled('operator'),

  'gateway.replicas': { value: 7, adds: 'replicas: 7' },
  'gateway.publicHosts': { value: ['a.example'], adds: 'value: "a.example,crisp-mcp-gateway,' },
  'gateway.allowedOrigins': { value: ['https://web.example'], adds: 'name: GATEWAY_ALLOWED_ORIGINS' },
  'gateway.legacySse': { value: true, adds: 'value: "true"' },
  'gateway.staleFor': { value: 9, adds: 'value: "9"' },
  'gateway.accessLogSample': { value: 0.5, adds: 'value: "0.5"' },
  'gateway.audit.place': { value: 'redis', adds: 'value: redis' },
  'gateway.audit.required': { value: true, adds: 'value: "true"' },
  'gateway.audit.arguments': { value: true, adds: 'value: "true"' },
  'gateway.audit.length': { value: 1_000_000, adds: 'value: "1000000"' },
  'gateway.drainDelay': { value: 31, adds: 'terminationGracePeriodSeconds: 66' },
  'gateway.drainTimeout': { value: 55, adds: 'terminationGracePeriodSeconds: 70' },
  'gateway.service.type': { value: 'NodePort', adds: 'type: NodePort' },
  'gateway.service.port': { value: 8088, adds: 'port: 8088' },
  'gateway.service.annotations': { value: { lb: 'internal' }, adds: 'lb: internal' },
  'gateway.autoscaling.enabled': { value: true, adds: 'kind: HorizontalPodAutoscaler' },
  'gateway.autoscaling.minReplicas': { given: SCALED, value: 4, adds: 'minReplicas: 4' },
  'gateway.autoscaling.maxReplicas': { given: SCALED, value: 40, adds: 'maxReplicas: 40' },
  'gateway.autoscaling.targetCPUUtilizationPercentage': { given: SCALED, value: 55, adds: 'averageUtilization: 55' },
  'gateway.podDisruptionBudget.enabled': { value: false, removes: 'A gateway that is not ready serves nobody' },
  'gateway.podDisruptionBudget.maxUnavailable': { value: 2, adds: 'maxUnavailable: 2' },
  'gateway.topologySpread': { value: false, removes: 'topologyKey: topology.kubernetes.io/zone' },
  ...scheduled('gateway'),

  'redis.mode': {
    given: { redis: { existing: { url: 'redis://mine' } } },
    value: 'existing',
    adds: 'value: "redis://mine"',
    removes: 'kind: StatefulSet',
  },
  'redis.existing.url': {
    given: EXISTING,
    value: 'redis+sentinel://s1,s2/main',
    adds: 'value: "redis+sentinel://s1,s2/main"',
  },
  'redis.existing.operatorUrlSecret.name': { given: EXISTING, value: 'urls', adds: 'name: urls' },
  'redis.existing.operatorUrlSecret.key': {
    given: existing({ operatorUrlSecret: { name: 'urls' } }),
    value: 'rw',
    adds: 'key: rw',
  },
  'redis.existing.gatewayUrlSecret.name': {
    given: existing({ operatorUrlSecret: { name: 'urls' } }),
    value: 'gw',
    adds: 'name: gw',
  },
  'redis.existing.gatewayUrlSecret.key': {
    given: existing({ gatewayUrlSecret: { name: 'gw' } }),
    value: 'ro',
    adds: 'key: ro',
  },
  'redis.existing.caSecret.name': { given: EXISTING, value: 'ca', adds: 'secretName: ca' },
  'redis.existing.caSecret.key': {
    given: existing({ caSecret: { name: 'ca' } }),
    value: 'root.pem',
    adds: 'value: /etc/crisp-mcp/redis-ca/root.pem',
  },
  'redis.embedded.image.repository': { value: 'registry.test/redis', adds: 'image: registry.test/redis:7.2-alpine' },
  'redis.embedded.image.tag': { value: '8', adds: 'image: docker.io/library/redis:8' },
  'redis.embedded.image.digest': { value: 'sha256:def', adds: 'image: docker.io/library/redis@sha256:def' },
  'redis.embedded.image.pullPolicy': { value: 'Never', adds: 'imagePullPolicy: Never' },
  'redis.embedded.existingSecret': { value: 'mine', adds: 'secretName: mine', removes: 'operator-password:' },
  'redis.embedded.persistence.enabled': { value: false, adds: 'emptyDir:', removes: 'volumeClaimTemplates:' },
  'redis.embedded.persistence.size': { value: '5Gi', adds: 'storage: 5Gi' },
  'redis.embedded.persistence.storageClass': { value: 'fast', adds: 'storageClassName: "fast"' },
  'redis.embedded.maxmemory': { value: '1gb', adds: '- "1gb"' },
  ...pods('redis.embedded'),

  'networkPolicy.enabled': { value: false, removes: 'kind: NetworkPolicy' },
  'networkPolicy.gatewayFrom': peers,
  'networkPolicy.metricsFrom': peers,
  'networkPolicy.apiServer': peers,
  'networkPolicy.apiServerPorts': { value: [16443], adds: 'port: 16443', removes: 'port: 6443' },
  'networkPolicy.crisp': peers,
  'networkPolicy.crispPorts': { value: [3128], adds: 'port: 3128' },
  'networkPolicy.existingRedis': { given: EXISTING, ...peers },
  'networkPolicy.existingRedisPorts': { given: EXISTING, value: [6380], adds: 'port: 6380', removes: 'port: 26379' },

  'ingress.enabled': { value: true, adds: 'kind: Ingress\n' },
  'ingress.className': { given: INGRESS, value: 'public', adds: 'ingressClassName: public' },
  'ingress.controller': {
    given: INGRESS,
    value: 'traefik',
    adds: 'router.observability.accesslogs: "false"',
    removes: 'enable-access-log',
  },
  'ingress.annotations': {
    given: INGRESS,
    value: { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '60' },
    adds: 'proxy-read-timeout: "60"',
  },
  'ingress.hosts': { given: INGRESS, value: ['a.example'], adds: 'host: "a.example"' },
  'ingress.tlsSecret': { given: INGRESS, value: 'cert', adds: 'secretName: cert' },
  'httpRoute.enabled': {
    given: { httpRoute: { parentRefs: [{ name: 'public' }] } },
    value: true,
    adds: 'kind: HTTPRoute',
  },
  'httpRoute.parentRefs': { given: ROUTE, value: [{ name: 'inner' }], adds: '- name: inner' },
  'httpRoute.hosts': { given: ROUTE, value: ['a.example'], adds: '- a.example' },
  'httpRoute.requestTimeout': { given: ROUTE, value: '1h', adds: 'request: 1h' },
  'httpRoute.annotations': { given: ROUTE, value: { note: 'seen' }, adds: 'note: seen' },

  'metrics.serviceMonitor.enabled': { value: true, adds: 'kind: ServiceMonitor' },
  'metrics.serviceMonitor.interval': { given: MONITORED, value: '7s', adds: 'interval: 7s' },
  'metrics.serviceMonitor.labels': { given: MONITORED, value: { prometheus: 'main' }, adds: 'prometheus: main' },
  'metrics.prometheusRule.enabled': { value: true, adds: 'kind: PrometheusRule' },
  'metrics.prometheusRule.labels': { given: MONITORED, value: { prometheus: 'main' }, adds: 'prometheus: main' },
  'metrics.dashboard.enabled': { value: true, adds: 'crisp-mcp.json: |-' },
  'metrics.dashboard.labels': { given: MONITORED, value: { sidecar: 'yes please' }, adds: 'sidecar: yes please' },

  'sandbox.enabled': { value: true, adds: 'value: "https://api.crisp.chat,http://crisp-mcp-sandbox.crisp-mcp:8090"' },
  'sandbox.existingSecret': { given: SANDBOX, value: 'mine', adds: 'name: mine' },
  'sandbox.resources': { given: SANDBOX, ...resources },
  'cleanup.timeout': { given: { crds: { keep: false } }, value: 77, adds: '--timeout=77' },
};

const BASE = { publicUrl: 'https://mcp.example.com' };
const rendered = new Map<string, Promise<string>>();

test.each(Object.entries(CASES))('%s', async (path, { given = {}, value, adds, removes }) => {
  const before = await render(merge(BASE, given));
  const after = await render(merge(merge(BASE, given), at(path, value)));
  if (adds !== undefined) {
    expect(before).not.toContain(adds);
    expect(after).toContain(adds);
  }
  if (removes !== undefined) {
    expect(before).toContain(removes);
    expect(after).not.toContain(removes);
  }
});

test('every value has its test, and nothing else has', () => {
  expect(Object.keys(CASES).sort()).toEqual(
    valueRows()
      .map(({ path }) => path)
      .sort(),
  );
});

/** The situations that several values share are rendered once. */
function render(values: object): Promise<string> {
  const key = JSON.stringify(values);
  const text = rendered.get(key) ?? renderText({ values, apiVersions: ['monitoring.coreos.com/v1'] });
  rendered.set(key, text);
  return text;
}

function existing(values: object): object {
  return merge(EXISTING, { redis: { existing: values } });
}

function at(path: string, value: unknown): object {
  const [last = '', ...outer] = path.split('.').reverse();
  return outer.reduce<object>((inner, key) => ({ [key]: inner }), { [last]: value });
}

function merge(left: object, right: object): object {
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const present = merged[key];
    merged[key] = isGroup(present) && isGroup(value) ? merge(present, value) : value;
  }
  return merged;
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
