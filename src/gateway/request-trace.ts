import type { RequestSpan } from './tracing/tracing.ts';

/**
 * What is found out about a request while it is answered, for logs, metrics, audit and traces. Values of `rpc` and `tool`
 * are from closed sets; what a client says of itself is cut, and cleared of secrets by whoever writes it down.
 */
export interface RequestTrace {
  rpc: string;
  tool: string | undefined;
  version: string | undefined;
  /** `name/version`, where the message names its client. */
  client: string | undefined;
  readonly userAgent: string | undefined;
  /** The trace that the request belongs to, by its header or its message; valid. */
  traceparent: string | undefined;
  /** Begun by the first that needs it. */
  span: RequestSpan | undefined;
}

const LONGEST_USER_AGENT = 96;

export function newRequestTrace(userAgent: string | undefined, traceparent: string | undefined): RequestTrace {
  return {
    rpc: 'none',
    tool: undefined,
    version: undefined,
    client: undefined,
    userAgent: userAgent?.slice(0, LONGEST_USER_AGENT),
    traceparent,
    span: undefined,
  };
}
