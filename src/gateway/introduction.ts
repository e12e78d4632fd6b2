import type { CachedRoute } from './cached-records.ts';
import type { ServerInfo } from './manifest-cache.ts';
import { type Era, MODERN_VERSION, negotiate, SERVER_INFO_META } from './protocol-era.ts';

/**
 * How a server introduces itself: the result of `initialize` (legacy) and of `server/discover` (modern). The
 * instructions say what a model needs to use the tools well; their first 512 characters stand alone, because some
 * clients show no more. They state facts and give no orders about behaviour.
 */
const CAPABILITIES = { tools: {} };

export function initializeResult(serverInfo: ServerInfo, route: CachedRoute, askedVersion: unknown): string {
  return JSON.stringify({
    protocolVersion: negotiate(askedVersion),
    capabilities: CAPABILITIES,
    serverInfo: { ...serverInfo, title: route.record.displayName },
    instructions: instructionsFor(route),
  });
}

export function discoverResult(serverInfo: ServerInfo, route: CachedRoute, ttlMs: number): string {
  return JSON.stringify({
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: CAPABILITIES,
    instructions: instructionsFor(route),
    ttlMs,
    cacheScope: 'private',
    _meta: { [SERVER_INFO_META]: { ...serverInfo, title: route.record.displayName } },
  });
}

/** The result of a request that has nothing to tell, such as `ping`. */
export function emptyResult(era: Era): string {
  return era === 'modern' ? '{"resultType":"complete"}' : '{}';
}

const USAGE = [
  'Tools work on one Crisp website (workspace); website_id may be left out.',
  'A conversation is named by session_id ("session_" and a UUID), a contact by people_id (a UUID): take both from list tools.',
  'Lists come in pages: page_number starts at 1.',
  'Crisp limits the rate of requests: an error says how many seconds to wait, and nothing was executed then.',
].join(' ');

const DETAILS = [
  'Times are milliseconds since 1970 (UTC) unless a tool says otherwise.',
  'A note (type "note") in a conversation is seen by operators only; other messages reach the visitor.',
  'Only the tools listed are enabled: others are refused, and only the administrator of this server can enable them.',
].join(' ');

function instructionsFor({ record }: CachedRoute): string {
  const expiry =
    record.exp === null ? '' : ` This server's URL stops working at ${new Date(record.exp).toISOString()}.`;
  return `${USAGE}\n\n${DETAILS}${expiry}`;
}
