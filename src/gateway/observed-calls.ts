import type { CallOutcome } from '../crisp/outcome.ts';
import type { Clock } from '../process/clock.ts';
import { type Answer, jsonLength } from './answer.ts';
import type { AuditTrail } from './audit/audit-trail.ts';
import { redactedArguments } from './audit/redacted-arguments.ts';
import { unrecordable } from './http-errors.ts';
import type { ToolCall } from './tool-call.ts';
import type { Tracing } from './tracing/tracing.ts';
import type { Usage } from './usage.ts';

/**
 * Every tool call leaves an audit record and, where traces are configured, a span, however it ends and whichever way it
 * came: alone, in a batch, on an old client's stream, through a prompt or a resource. A call that cannot be recorded
 * although it must be is not made.
 */
export interface CallReport {
  /** What came of it at Crisp or in the check before; set as soon as it is known, whatever is then answered. */
  outcome: CallOutcome | undefined;
  /** The context of a trace that goes to Crisp. */
  readonly traceparent: string | undefined;
}

export interface ObservedCallsOptions {
  callTool: (call: ToolCall, report: CallReport) => Promise<Answer>;
  /** Absent: nothing is recorded. */
  audit: AuditTrail | undefined;
  usage: Usage;
  tracing: Tracing | undefined;
  clock: Clock;
  isTool: (name: string) => boolean;
  withArguments: boolean;
}

export function createObservedCalls(options: ObservedCallsOptions): (call: ToolCall) => Promise<Answer> {
  const { callTool, audit, usage, tracing, clock, isTool, withArguments } = options;

  return async (call) => {
    if (audit?.begin() === false) return unrecordable(call.id);
    const time = clock.now();
    const started = clock.monotonic();
    const { trace } = call;
    const name = typeof call.params.name === 'string' && isTool(call.params.name) ? call.params.name : undefined;
    if (tracing !== undefined) trace.span ??= tracing.request(trace.traceparent, time);
    const span = trace.span?.call(name ?? 'unknown');
    const report: CallReport = { outcome: undefined, traceparent: span?.traceparent ?? trace.traceparent };
    let answer: Answer | undefined;
    try {
      answer = await callTool(call, report);
      return answer;
    } finally {
      const { outcome } = report;
      const { fingerprint, record } = call.served.route;
      span?.end(outcome);
      usage.call(record.uid, time);
      audit?.record({
        time,
        fingerprint,
        namespace: record.namespace,
        name: record.name,
        client: trace.client ?? trace.userAgent?.split(' ', 1)[0],
        tool: name ?? 'unknown',
        outcome: answer?.outcome ?? 'internal-error',
        result: outcome === undefined ? undefined : outcome.kind === 'success' ? 'success' : outcome.code,
        truncated: outcome?.kind === 'success' && outcome.truncated === true,
        upstreamStatus: outcome?.upstreamStatus,
        durationMs: clock.monotonic() - started,
        bytes: answer === undefined ? 0 : jsonLength(answer),
        arguments: withArguments && name !== undefined ? redactedArguments(call.params.arguments ?? {}) : undefined,
        traceId: trace.span?.traceId ?? trace.traceparent?.slice(3, 35),
      });
    }
  };
}
