import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamLimits } from './outcome.ts';

/**
 * What an answer says of rate limits, in any of the dialects in use: `ratelimit-*`, `x-ratelimit-*` and the structured
 * `RateLimit` / `RateLimit-Policy` fields. Crisp documents none of them, so all are read and none is needed.
 */
export function readLimits(headers: IncomingHttpHeaders, now: number): UpstreamLimits | undefined {
  const structured = structuredLimits(headers);
  const limit = structured.limit ?? first(headers, 'ratelimit-limit', 'x-ratelimit-limit', 'x-rate-limit-limit');
  const remaining =
    structured.remaining ?? first(headers, 'ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining');
  const reset = structured.resetSeconds ?? resetSeconds(headers, now);
  if (limit === undefined && remaining === undefined && reset === undefined) return undefined;
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined ? {} : { resetSeconds: reset }),
  };
}

const LONGEST_DELAY_SECONDS = 86_400;

/** Seconds until the call may be made again: from `Retry-After` (seconds or a date), else from the limits' reset. */
export function readRetryAfter(
  headers: IncomingHttpHeaders,
  limits: UpstreamLimits | undefined,
  now: number,
): number | undefined {
  const header = single(headers['retry-after'])?.trim();
  const seconds = header === undefined ? undefined : parseRetryAfter(header, now);
  return clampDelay(seconds ?? limits?.resetSeconds);
}

function parseRetryAfter(header: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header));
  const instant = Date.parse(header);
  return Number.isNaN(instant) ? undefined : Math.ceil((instant - now) / 1000);
}

function clampDelay(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 1), LONGEST_DELAY_SECONDS);
}

/** `RateLimit: "default";r=50;t=30` with `RateLimit-Policy: "default";q=100;w=60`. */
function structuredLimits(headers: IncomingHttpHeaders): UpstreamLimits {
  const state = single(headers.ratelimit);
  const policy = single(headers['ratelimit-policy']);
  const limit = parameter(policy, 'q') ?? parameter(state, 'limit');
  const remaining = parameter(state, 'r') ?? parameter(state, 'remaining');
  const reset = parameter(state, 't') ?? parameter(state, 'reset');
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined ? {} : { resetSeconds: reset }),
  };
}

function parameter(field: string | undefined, name: string): number | undefined {
  if (field === undefined) return undefined;
  const match = new RegExp(`(?:^|[;,\\s])${name}=(\\d{1,12})`).exec(field.slice(0, 500));
  return match === null ? undefined : Number(match[1]);
}

/** Some services send the reset as seconds from now, others as a Unix time in seconds or milliseconds. */
function resetSeconds(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = first(headers, 'ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset');
  if (value === undefined || value < 1e9) return value;
  const instant = value < 1e12 ? value * 1000 : value;
  return Math.max(0, Math.ceil((instant - now) / 1000));
}

function first(headers: IncomingHttpHeaders, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const match = /^\s*(\d{1,15})/.exec(single(headers[name]) ?? '');
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
