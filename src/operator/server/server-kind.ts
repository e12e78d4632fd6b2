import {
  type CrispMcpServer,
  type CrispMcpServerStatus,
  crispMcpServerSpecSchema,
  crispMcpServerType,
  STATUS_TOOL_NAMES,
} from '../../resources/crisp-mcp-server.ts';
import { type EffectiveServer, effectiveServer } from '../../resources/effective-server.ts';
import { SERVER_FINALIZER, SERVER_LABEL, TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import type { RouteRecord } from '../../routes/records.ts';
import type { OwnerKind } from '../token-owner/owner-kind.ts';
import { specReader } from '../token-owner/read-spec.ts';
import type { Outcome } from '../token-owner/situation.ts';
import { endpointOf } from '../token-owner/token-secret.ts';
import { published, suspended } from './outcome.ts';
import type { ServerSituation, ServerTypes } from './situation.ts';

/** A CrispMcpServer as a token owner: its token is in its URL and leads to a route. */
export const SERVER_KIND: OwnerKind<ServerTypes> = {
  type: crispMcpServerType,
  finalizer: SERVER_FINALIZER,
  secret: { type: TOKEN_SECRET_TYPE, label: SERVER_LABEL },
  words: {
    it: 'this server',
    key: 'URL',
    itsKey: 'its URL',
    refused: 'the URL is dead',
    honoured: 'served',
  },
  normalReasons: new Set(['Serving', 'Provisioning', 'ExpiresAtPassed', 'SuspendRequested']),
  abandonedReason: 'RouteAbandoned',
  secretNameOf,
  read: specReader({ schema: crispMcpServerSpecSchema, effective: effectiveServer }),
  contentOf: ({ publicUrl, owner }, effective) => ({
    connection: {
      endpoint: endpointOf(publicUrl),
      configName: owner.metadata.name,
      asksApiToken: effective.requireApiTokenAuth,
    },
  }),
  recordOf: routeRecord,
  live: published,
  dormant: (effective) => (effective.suspend ? suspended(effective) : undefined),
  alsoSays: ({ tools, publicUrl }, hasToken) => ({
    tools: tools === undefined ? undefined : { count: tools.names.length, names: tools.names },
    endpoint: hasToken ? endpointOf(publicUrl) : undefined,
  }),
  alsoShows,
  seenIn: (view) => ({
    fresh: view.servers,
    watched: view.watched.servers,
    vanished: view.vanishedServers,
    ofSecret: (secret) => view.serversOfSecret(secret),
    ofUid: (uid) => view.serverOfUid(uid),
  }),
  storedBy: (store) => ({
    mirror: store.mirror.routes,
    put: (hash, record) => store.putRoute(hash, record),
    deleteOf: (uid, keep) => store.deleteRoutes(uid, keep),
  }),
};

function secretNameOf(server: CrispMcpServer): string {
  return server.spec.secretName ?? `${server.metadata.name}-mcp`;
}

function routeRecord({ owner, account }: ServerSituation, effective: EffectiveServer): RouteRecord {
  return {
    uid: owner.metadata.uid ?? '',
    namespace: owner.metadata.namespace ?? '',
    name: owner.metadata.name,
    displayName: effective.displayName,
    exp: effective.expiresAt ?? null,
    filter: effective.filter,
    accountUid: account.kind === 'missing' ? null : account.uid,
    ...(effective.rateLimit === undefined ? {} : { rateLimit: effective.rateLimit }),
    auth: effective.requireApiTokenAuth ? 'api-token' : 'path',
    state: account.kind === 'usable' ? 'live' : 'unavailable',
  };
}

function alsoShows({ tools, endpoint }: Outcome<ServerTypes>, { status }: CrispMcpServer): CrispMcpServerStatus {
  return {
    tools: tools === undefined ? undefined : { count: tools.count, names: tools.names.slice(0, STATUS_TOOL_NAMES) },
    endpoint,
    // Another duty's field, carried on as it is.
    lastUsedTime: status?.lastUsedTime,
  };
}
