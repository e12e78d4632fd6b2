import type { CallOutcome } from '../crisp/outcome.ts';
import type { Clock } from '../process/clock.ts';
import { type Answer, jsonLength } from './answer.ts';
import type { AuditTrail } from './audit/audit-trail.ts';
import { redactedArguments } from './audit/redacted-arguments.ts';
import type { ToolCall } from './tool-call.ts';
import type { CallSpan, Tracing } from './tracing/tracing.ts';
import type { Usage } from './usage.ts';

/**
 * Every tool call is counted, leaves an audit record and, where traces are configured, a span, however it ends and whichever way it
 * came: alone, in a batch, on an old client's stream, through a prompt or a resource. A call that cannot be recorded
 * although it must be is not to be made.
 */
export interface CallObserverOptions {
  /** Absent: nothing is recorded. */
  audit: AuditTrail | undefined;
  usage: Usage;
  tracing: Tracing | undefined;
  clock: Clock;
  isTool: (name: string) => boolean;
  withArguments: boolean;
  /** Counts what comes of calls. */
  count: (outcome: CallOutcome) => void;
}

export class CallObserver {
  readonly #options: CallObserverOptions;

  constructor(options: CallObserverOptions) {
    this.#options = options;
  }

  /** Whoever gets an observation must end it; `undefined` when the call cannot be recorded. */
  begin(call: ToolCall): ObservedCall | undefined {
    return this.#options.audit?.begin() === false ? undefined : new ObservedCall(this.#options, call);
  }
}

export class ObservedCall {
  /** The context of a trace that goes to Crisp. */
  readonly traceparent: string | undefined;
  readonly #options: CallObserverOptions;
  readonly #call: ToolCall;
  readonly #time: number;
  readonly #started: number;
  readonly #name: string | undefined;
  readonly #span: CallSpan | undefined;
  #outcome: CallOutcome | undefined;

  constructor(options: CallObserverOptions, call: ToolCall) {
    const { clock, tracing, isTool } = options;
    const { trace, params } = call;
    this.#options = options;
    this.#call = call;
    this.#time = clock.now();
    this.#started = clock.monotonic();
    this.#name = typeof params.name === 'string' && isTool(params.name) ? params.name : undefined;
    if (tracing !== undefined) trace.span ??= tracing.request(trace.traceparent, this.#time);
    this.#span = trace.span?.call(this.#name ?? 'unknown');
    this.traceparent = this.#span?.traceparent ?? trace.traceparent;
  }

  /** What came of it at Crisp or in the check before: to be told as soon as it is known, whatever is then answered. */
  settled(outcome: CallOutcome): void {
    this.#outcome = outcome;
    this.#options.count(outcome);
  }

  /** Returns the answer that it is given. */
  end(answer: Answer): Answer {
    const { audit, usage, clock, withArguments } = this.#options;
    const { trace, params, served } = this.#call;
    const { fingerprint, record } = served.route;
    const outcome = this.#outcome;
    this.#span?.end(outcome);
    usage.call(record.uid, this.#time);
    audit?.record({
      time: this.#time,
      fingerprint,
      namespace: record.namespace,
      name: record.name,
      client: trace.client ?? trace.userAgent?.split(' ', 1)[0],
      tool: this.#name ?? 'unknown',
      outcome: answer.outcome,
      result: outcome === undefined ? undefined : outcome.kind === 'success' ? 'success' : outcome.code,
      truncated: outcome?.kind === 'success' && outcome.truncated === true,
      upstreamStatus: outcome?.upstreamStatus,
      durationMs: clock.monotonic() - this.#started,
      bytes: jsonLength(answer),
      arguments: withArguments && this.#name !== undefined ? redactedArguments(params.arguments ?? {}) : undefined,
      traceId: trace.span?.traceId ?? trace.traceparent?.slice(3, 35),
    });
    return answer;
  }
}
