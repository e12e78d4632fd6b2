import type { IncomingHttpHeaders } from 'node:http';

/**
 * Which hosts and web origins may speak to the gateway. The `Host` must be one of the public hosts, which defeats DNS
 * rebinding; an `Origin`, which only browsers send, must be allowed by name or be the checked host itself. Allowed
 * origins get complete CORS headers; without an `Origin` none are sent.
 */
export interface OriginPolicyOptions {
  /** Host names, with a port only where the port matters; absent: any host. */
  publicHosts?: readonly string[];
  /** Origins such as `https://playground.example`; `*` allows every one. */
  allowedOrigins?: readonly string[];
}

export type OriginVerdict =
  /** Header names and values, one after the other, to add to the answer. */
  | { readonly kind: 'allowed'; readonly headers: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string };

const ALLOW_METHODS = 'GET, POST, DELETE, OPTIONS';
const ALLOW_HEADERS = [
  'content-type',
  'accept',
  'authorization',
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
  'last-event-id',
].join(', ');
const EXPOSE_HEADERS = [
  'mcp-session-id',
  'mcp-protocol-version',
  'www-authenticate',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
].join(', ');

const NO_HEADERS: OriginVerdict = { kind: 'allowed', headers: [] };
const BAD_HOST: OriginVerdict = {
  kind: 'refused',
  message: "This host name is not one of the gateway's public hosts. Use the URL that you were given.",
};
const BAD_ORIGIN: OriginVerdict = {
  kind: 'refused',
  message:
    "Web pages of this origin may not use this server. Its administrator can add it to the gateway's allowed origins.",
};

/** Headers that answer a preflight, beside those of {@link createOriginPolicy}. */
export const PREFLIGHT_HEADERS: readonly string[] = [
  'access-control-allow-methods',
  ALLOW_METHODS,
  'access-control-allow-headers',
  ALLOW_HEADERS,
  'access-control-max-age',
  '86400',
];

export function createOriginPolicy(options: OriginPolicyOptions): (headers: IncomingHttpHeaders) => OriginVerdict {
  const hosts = options.publicHosts && new Set(options.publicHosts.map((host) => host.toLowerCase()));
  const origins = new Set((options.allowedOrigins ?? []).map((origin) => origin.toLowerCase()));
  const anyOrigin = origins.has('*');
  return (headers) => {
    const { host: named = '', origin } = headers;
    // Most clients write it as it stands in the settings.
    if (hosts !== undefined && !hosts.has(named) && !isOneOf(hosts, named.toLowerCase())) return BAD_HOST;
    if (origin === undefined) return NO_HEADERS;
    const host = named.toLowerCase();
    const own = hosts !== undefined && isOriginOf(origin.toLowerCase(), host);
    if (!anyOrigin && !own && !origins.has(origin.toLowerCase())) return BAD_ORIGIN;
    return {
      kind: 'allowed',
      headers: [
        'access-control-allow-origin',
        anyOrigin ? '*' : origin,
        'access-control-expose-headers',
        EXPOSE_HEADERS,
        ...(anyOrigin ? [] : ['vary', 'origin']),
      ],
    };
  };
}

function isOneOf(hosts: ReadonlySet<string>, host: string): boolean {
  return hosts.has(host) || hosts.has(withoutPort(host));
}

function isOriginOf(origin: string, host: string): boolean {
  return origin === `https://${host}` || origin === `http://${host}`;
}

/** `host:8080` → `host`; `[::1]:8080` → `[::1]`. */
function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}
