import type { CallOutcome } from '../../crisp/outcome.ts';
import type { Outcome } from '../answer.ts';

/**
 * What the gateway tells a tracer: one span a request, and in it one for each tool call, whose context goes to Crisp.
 * Spans name the template of a URL, never the URL. Without a tracer nothing of this happens, and a client's context is
 * passed on as it came.
 */
export interface Tracing {
  /** `parent` is a valid `traceparent`; `started` is wall clock, milliseconds. */
  request(parent: string | undefined, started: number): RequestSpan;
  /** Sends what is left, within a bound. */
  close(): Promise<void>;
  readonly counts: { readonly exported: number; readonly failed: number };
}

export interface RequestSpan {
  readonly traceId: string;
  call(tool: string): CallSpan;
  end(facts: RequestFacts): void;
}

export interface CallSpan {
  readonly traceparent: string;
  end(outcome: CallOutcome | undefined): void;
}

export interface RequestFacts {
  readonly method: string;
  /** Not a path that only looks like one. */
  readonly isMcp: boolean;
  readonly rpc: string;
  readonly tool: string | undefined;
  readonly version: string | undefined;
  readonly client: string | undefined;
  readonly status: number;
  readonly outcome: Outcome;
  readonly fingerprint: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}
