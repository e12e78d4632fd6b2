import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * The metrics registry of one process. Label sets are bounded: never a token, fingerprint or resource name as a label.
 * Every metric's name starts with `crisp_mcp_`.
 */
export type Metrics = Registry;

export function createMetrics(options: { process: string; runtime?: boolean }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: options.process });
  if (options.runtime ?? true) collectDefaultMetrics({ register: registry });
  return registry;
}
