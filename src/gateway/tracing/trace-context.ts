/**
 * The context of a trace as W3C writes it (Trace Context, level 1), from a header or from `_meta` of a message. What is
 * not exactly that is no context: it goes to Crisp as a header, so nothing else may pass. A context of a later version is
 * read by what it has in common with version 00, and passed on as that.
 */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const LONGEST = 512;

export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** The context as text of version 00; `undefined` for whatever is none. */
export function traceparentOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(value) ?? [];
  if (version === undefined || (version === '00' && rest !== '')) return undefined;
  return `00-${traceId}-${spanId}-${flags}`;
}

/** Reads what {@link traceparentOf} gave. */
export function parseTraceparent(traceparent: string): TraceContext {
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    sampled: (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1,
  };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
