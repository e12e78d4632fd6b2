/**
 * The Grafana dashboard of the chart: a row of facts a person looks for first, then traffic, then the operator. Plain
 * data; Grafana lays it out, the reader chooses the data source.
 */
interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries';
  readonly unit: string;
  readonly width: number;
  /** Query and legend. */
  readonly queries: readonly (readonly [string, string])[];
}

const NAMESPACE = 'namespace="$namespace"';

const PANELS: readonly Panel[] = [
  stat('Servers', 'short', `sum(crisp_mcp_servers{${NAMESPACE}})`),
  stat('Leading operators', 'short', `sum(crisp_mcp_leading{${NAMESPACE}})`),
  stat('Store verified', 'short', `max(crisp_mcp_store_verified{${NAMESPACE}})`),
  stat('Refused records', 'short', `sum(increase(crisp_mcp_store_tampered_records_total{${NAMESPACE}}[$__range]))`),
  graph('Requests by outcome', 'reqps', [
    [`sum by (outcome) (rate(crisp_mcp_gateway_requests_total{${NAMESPACE}}[$__rate_interval]))`, '{{outcome}}'],
  ]),
  graph('Time to answer', 's', [
    [quantile(0.5), 'median'],
    [quantile(0.99), '99 %'],
  ]),
  graph('Tool calls by result', 'reqps', [
    [`sum by (result) (rate(crisp_mcp_gateway_tool_calls_total{${NAMESPACE}}[$__rate_interval]))`, '{{result}}'],
  ]),
  graph('Servers by reason', 'short', [[`sum by (reason) (crisp_mcp_servers{${NAMESPACE}})`, '{{reason}}']]),
  graph('Reconciles', 'ops', [
    [`sum by (kind, result) (rate(crisp_mcp_reconciles_total{${NAMESPACE}}[$__rate_interval]))`, '{{kind}} {{result}}'],
  ]),
  graph('Waiting to be reconciled', 'short', [[`sum by (kind) (crisp_mcp_queue_depth{${NAMESPACE}})`, '{{kind}}']]),
];

export function dashboardJson(): string {
  let x = 0;
  let y = 0;
  const panels = PANELS.map((panel, index) => {
    const height = panel.kind === 'stat' ? 4 : 8;
    if (x + panel.width > 24) {
      x = 0;
      y += height;
    }
    const gridPos = { x, y, w: panel.width, h: height };
    x += panel.width;
    return {
      id: index + 1,
      type: panel.kind,
      title: panel.title,
      datasource: { type: 'prometheus', uid: '$datasource' },
      gridPos,
      fieldConfig: { defaults: { unit: panel.unit }, overrides: [] },
      targets: panel.queries.map(([expr, legendFormat], number) => ({
        refId: String.fromCharCode(65 + number),
        expr,
        legendFormat,
      })),
    };
  });
  const dashboard = {
    uid: 'crisp-mcp',
    title: 'Crisp MCP',
    tags: ['crisp-mcp'],
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus' },
        {
          name: 'namespace',
          type: 'query',
          datasource: { type: 'prometheus', uid: '$datasource' },
          query: 'label_values(crisp_mcp_leading, namespace)',
          refresh: 2,
        },
      ],
    },
    panels,
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function stat(title: string, unit: string, query: string): Panel {
  return { title, kind: 'stat', unit, width: 6, queries: [[query, '']] };
}

function graph(title: string, unit: string, queries: Panel['queries']): Panel {
  return { title, kind: 'timeseries', unit, width: 12, queries };
}

function quantile(share: number): string {
  return `histogram_quantile(${share}, sum by (le) (rate(crisp_mcp_gateway_request_duration_seconds_bucket{${NAMESPACE}}[$__rate_interval])))`;
}
