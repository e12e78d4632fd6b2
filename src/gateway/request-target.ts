import type { IncomingHttpHeaders } from 'node:http';

/**
 * What a request is aimed at, from its target as it stands on the wire. Nothing is decoded or normalised: a token
 * consists of characters that need neither, so whatever does is not a token. `/mcp/<token>` and `/mcp/<token>/` name a
 * server; so does `/mcp` with the token as bearer. Both kinds yield a text that may not be a token at all, which
 * admission answers like an unknown one.
 */
export type Target =
  | {
      readonly kind: 'server';
      readonly token: string;
      /** What the client sent as bearer beside the token; `null` when the token itself is the bearer. */
      readonly presented: string | undefined | null;
    }
  | { readonly kind: 'elsewhere' };

const ELSEWHERE: Target = { kind: 'elsewhere' };
const PREFIX = '/mcp/';

export function targetOf(target: string, headers: IncomingHttpHeaders): Target {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (path === '/mcp' || path === PREFIX) return { kind: 'server', token: bearerOf(headers) ?? '', presented: null };
  if (!path.startsWith(PREFIX)) return ELSEWHERE;
  const end = path.endsWith('/') ? path.length - 1 : path.length;
  return { kind: 'server', token: path.slice(PREFIX.length, end), presented: bearerOf(headers) };
}

export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers.authorization;
  if (value === undefined || value.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  return value.slice(7).trim();
}
