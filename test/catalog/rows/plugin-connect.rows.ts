import type { Rows } from '../row.ts';

export const pluginConnect: Rows = {
  'plugin.getConnectAccount': { call: () => [] },
  'plugin.checkConnectSessionValidity': { call: () => [] },
  'plugin.listAllConnectWebsites': { call: (a) => [a.page_number, a.filter_configured, a.include_plan] },
  'plugin.listConnectWebsitesSince': { call: (a) => [a.date_since, a.filter_configured, a.include_plan] },
  'plugin.getConnectEndpoints': { call: () => [] },
};
