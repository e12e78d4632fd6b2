import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamLimits } from './outcome.ts';

/**
 * What an answer says of rate limits, in any of the dialects in use: `ratelimit-*`, `x-ratelimit-*` and the structured
 * `RateLimit` / `RateLimit-Policy` fields. Crisp documents none of them, so all are read and none is needed.
 */
export function readLimits(headers: IncomingHttpHeaders, now: number): UpstreamLimits | undefined {
  if (!namesAny(headers)) return undefined;
  const structured = structuredLimits(headers);
  const limit = structured.limit ?? first(headers, 'ratelimit-limit', 'x-ratelimit-limit', 'x-rate-limit-limit');
  const remaining =
    structured.remaining ?? first(headers, 'ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining');
  const reset = structured.resetSeconds ?? resetSeconds(headers, now);
  if (limit === undefined && remaining === undefined && reset === undefined) return undefined;
  return stated(limit, remaining, reset, structured.windowSeconds ?? windowOf(headers));
}

/** Every dialect has the word in the names of its fields. */
function namesAny(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.includes('rate')) return true;
  return false;
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

/**
 * `RateLimit: "default";r=50;t=30` with `RateLimit-Policy: "default";q=100;w=60`, one item a policy: of several the one of
 * which least is left. Drafts before the eighth put all into one item, `limit=100, remaining=50, reset=5`.
 */
function structuredLimits(headers: IncomingHttpHeaders): UpstreamLimits {
  const state = single(headers.ratelimit)?.slice(0, LONGEST_FIELD);
  const policies = items(single(headers['ratelimit-policy']));
  if (state !== undefined && /(?:^|[,;\s])limit=/.test(state)) {
    return stated(parameter(state, 'limit'), parameter(state, 'remaining'), parameter(state, 'reset'), undefined);
  }
  const states = items(state);
  const remainingOf = (item: string) => parameter(item, 'r') ?? Number.POSITIVE_INFINITY;
  const tightest = states.toSorted((a, b) => remainingOf(a) - remainingOf(b))[0];
  const policy =
    policies.find((item) => tightest !== undefined && nameOf(item) === nameOf(tightest)) ??
    (policies.length === 1 ? policies[0] : undefined);
  const limit = parameter(policy, 'q') ?? leading(policy);
  return stated(limit, parameter(tightest, 'r'), parameter(tightest, 't'), parameter(policy, 'w'));
}

const LONGEST_FIELD = 1_000;

function stated(
  limit: number | undefined,
  remaining: number | undefined,
  resetSeconds: number | undefined,
  windowSeconds: number | undefined,
): UpstreamLimits {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetSeconds === undefined ? {} : { resetSeconds }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
  };
}

/** Of a structured list; no comma stands in the names that are in use. */
function items(field: string | undefined): readonly string[] {
  return field === undefined
    ? []
    : field
        .slice(0, LONGEST_FIELD)
        .split(',')
        .map((item) => item.trim());
}

function nameOf(item: string): string {
  return (item.split(';')[0] ?? '').replaceAll('"', '').trim();
}

/** The policy of an older draft: `100;w=60`. */
function leading(policy: string | undefined): number | undefined {
  const match = /^(\d{1,12})(?:;|$)/.exec(policy ?? '');
  return match === null ? undefined : Number(match[1]);
}

function parameter(field: string | undefined, name: string): number | undefined {
  if (field === undefined) return undefined;
  const match = new RegExp(`(?:^|[;,\\s])${name}=(\\d{1,12})`).exec(field);
  return match === null ? undefined : Number(match[1]);
}

/** Some services send the reset as seconds from now, others as a Unix time in seconds or milliseconds. */
function resetSeconds(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = first(headers, 'ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset');
  if (value === undefined || value < 1e9) return value;
  const instant = value < 1e12 ? value * 1000 : value;
  return Math.max(0, Math.ceil((instant - now) / 1000));
}

/** `ratelimit-limit: 100, 100;w=60`: the window stands behind the limit. */
function windowOf(headers: IncomingHttpHeaders): number | undefined {
  return parameter(single(headers['ratelimit-limit']) ?? single(headers['x-ratelimit-limit']), 'w');
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
